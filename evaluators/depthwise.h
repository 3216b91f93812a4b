// Depthwise convolutions with a channel multiplier for processors: PEPE's expansions, which LibTorch's own kernels run
// at a twentieth of the speed of dense ones.
#pragma once

#include <torch/types.h>

namespace evaluators {

struct DepthwiseSettings {
  int stride = 1;
  int padding = 1;
};

// Whether depthwise_conv can serve: one entering channel per group, kernel 3 or 5.
constexpr bool is_depthwise(int channels, int groups, int kernel) {
  return channels == groups && (kernel == 3 || kernel == 5);
}

// x: float32 or bfloat16 [N, C, H, W] on the CPU; weight: float32 [C * multiplier, 1, k, k]. The output has x's type.
torch::Tensor depthwise_conv(const torch::Tensor& x, const torch::Tensor& weight, const DepthwiseSettings& settings);

}  // namespace evaluators
