// Library convolutions, rewritten where the library is wrong.
#include "evaluators/convolution.h"

#include <ATen/ATen.h>

namespace evaluators {

using torch::Tensor;

namespace {

// Every `stride`-th row and column. Copied, since the library would else copy it once in each direction.
Tensor subsampled(const Tensor& x, std::int64_t stride) {
  return x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride).contiguous(x.suggest_memory_format());
}

Tensor pointwise(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t groups) {
  return at::conv2d(x, weight, bias, /*stride=*/1, at::IntArrayRef(std::int64_t{0}), /*dilation=*/1, groups);
}

// With one more filter, of zeros, which is taken away again.
Tensor pointwise_evenly(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Tensor filters = at::constant_pad_nd(weight, {0, 0, 0, 0, 0, 0, 0, 1});
  const Tensor shift = bias.defined() ? at::constant_pad_nd(bias, {0, 1}) : bias;
  return pointwise(x, filters, shift, 1).narrow(1, 0, weight.size(0)).contiguous(x.suggest_memory_format());
}

}  // namespace

Tensor convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvolutionSettings& settings) {
  const std::int64_t stride = settings.stride, padding = settings.padding, groups = settings.groups;
  if (weight.size(2) != 1 || weight.size(3) != 1 || padding != 0)
    return at::conv2d(x, weight, bias, stride, at::IntArrayRef(padding), /*dilation=*/1, groups);
  // oneDNN's jit_1x1 backward_weights writes beyond its workspace for channels-last input, stride 2, and fewer input
  // channels than a vector block.
  if (stride > 1) return convolution(subsampled(x, stride), weight, bias, {1, 0, settings.groups});
  // Its jit_bf16_1x1 backward_data reads bfloat16 in pairs, and an odd number of output channels beyond a pixel's end.
  const bool odd = weight.size(0) % 2 == 1 && weight.scalar_type() == torch::kBFloat16;
  if (odd && groups == 1 && x.is_cpu()) return pointwise_evenly(x, weight, bias);
  return pointwise(x, weight, bias, groups);
}

}  // namespace evaluators
