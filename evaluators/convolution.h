// The one place that calls the library's convolution, kept away from paths known to be wrong (docs/library_faults.md).
#pragma once

#include <torch/types.h>

namespace evaluators {

struct ConvolutionSettings {
  int stride = 1;
  int padding = 0;
  int groups = 1;
};

// x: [N, in, H, W], floating point, any memory format; weight: [out, in / groups, k, k] and bias: [out] or
// undefined, of the same type. Returns [N, out, H', W'], H' = (H + 2 padding - k) / stride + 1; differentiable.
torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                          const ConvolutionSettings& settings);

}  // namespace evaluators
