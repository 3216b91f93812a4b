// The depthwise convolution as one node of LibTorch's autograd graph.
#include "evaluators/depthwise.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "evaluators/depthwise_kernels.h"
#include "evaluators/simd.h"

namespace evaluators {

using kernels::DepthwiseExtent;
using simd::Bf16;
using torch::Tensor;

namespace {

DepthwiseExtent extent_of(const Tensor& x, const Tensor& weight, std::int64_t stride, std::int64_t padding) {
  const auto size = [](const Tensor& tensor, int dimension) { return static_cast<int>(tensor.size(dimension)); };
  DepthwiseExtent e;
  e.batch = size(x, 0);
  e.channels = size(x, 1);
  e.multiplier = size(weight, 0) / e.channels;
  e.height = size(x, 2);
  e.width = size(x, 3);
  e.kernel = size(weight, 2);
  e.stride = static_cast<int>(stride);
  e.padding = static_cast<int>(padding);
  e.out_height = (e.height + 2 * e.padding - e.kernel) / e.stride + 1;
  e.out_width = (e.width + 2 * e.padding - e.kernel) / e.stride + 1;
  return e;
}

template <typename T>
T* data(const Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

class DepthwiseConvolution : public torch::autograd::Function<DepthwiseConvolution> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& input, const Tensor& weight,
                        std::int64_t stride, std::int64_t padding) {
    const Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast), filters = weight.contiguous();
    const DepthwiseExtent extent = extent_of(x, filters, stride, padding);
    const Tensor y = at::empty({extent.batch, extent.filters(), extent.out_height, extent.out_width},
                               x.options().memory_format(at::MemoryFormat::ChannelsLast));
    if (x.scalar_type() == torch::kBFloat16)
      kernels::depthwise(data<const Bf16>(x), data<const float>(filters), data<Bf16>(y), extent);
    else
      kernels::depthwise(data<const float>(x), data<const float>(filters), data<float>(y), extent);
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["input_gradient"] = input.requires_grad();
    context->save_for_backward({x, filters});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const DepthwiseExtent extent =
        extent_of(x, weight, context->saved_data["stride"].toInt(), context->saved_data["padding"].toInt());
    const Tensor gx = context->saved_data["input_gradient"].toBool() ? at::empty_like(x) : Tensor();
    const Tensor gw = at::empty_like(weight);
    const auto* filters = data<const float>(weight);
    if (x.scalar_type() == torch::kBFloat16)
      kernels::depthwise_gradients(data<const Bf16>(x), filters, data<const Bf16>(gradient), data<Bf16>(gx),
                                   data<float>(gw), extent);
    else
      kernels::depthwise_gradients(data<const float>(x), filters, data<const float>(gradient), data<float>(gx),
                                   data<float>(gw), extent);
    return {gx, gw, Tensor(), Tensor()};
  }
};

}  // namespace

Tensor depthwise_conv(const Tensor& x, const Tensor& weight, const DepthwiseSettings& settings) {
  return DepthwiseConvolution::apply(x, weight, static_cast<std::int64_t>(settings.stride),
                                     static_cast<std::int64_t>(settings.padding));
}

}  // namespace evaluators
