// Loops of the fused batch norm over channels-last memory, free of LibTorch. T is float or simd::Bf16.
#pragma once

#include <cstdint>
#include <vector>

namespace evaluators::kernels {

// [rows, channels] in memory; rows = N * H * W.
struct Extent {
  std::int64_t rows = 0;
  int channels = 0;
};

struct Moments {
  std::vector<double> mean, variance;  // per channel; biased variance
};

template <typename T>
Moments moments(const T* x, Extent extent);

// y = x * factor[c] + offset[c] (+ residual), then max(0, .) if `relu`. residual may be null; y may be x.
template <typename T>
void affine(const T* x, const T* residual, const float* factor, const float* offset, bool relu, T* y, Extent extent);

struct GradientSums {
  std::vector<double> gradient, centred;  // per channel: sums of g and of g * (x - mean)
};

// g = gradient where y > 0 (y null: everywhere).
template <typename T>
GradientSums gradient_sums(const T* gradient, const T* y, const T* x, const float* mean, Extent extent);

// gx = g * a[c] + x * b[c] + c[c]; masked receives g unless null.
template <typename T>
void gradient_affine(const T* gradient, const T* y, const T* x, const float* a, const float* b, const float* c, T* gx,
                     T* masked, Extent extent);

}  // namespace evaluators::kernels
