// Loops of the depthwise convolution with a multiplier over channels-last memory, free of LibTorch. T is float or
// simd::Bf16; weights and their gradients are float32 [channels * multiplier, kernel, kernel].
#pragma once

namespace evaluators::kernels {

struct DepthwiseExtent {
  int batch = 0;
  int channels = 0;  // entering; each has its own `multiplier` filters
  int multiplier = 1;
  int height = 0, width = 0;
  int kernel = 3;  // 3 or 5
  int stride = 1;
  int padding = 1;
  int out_height = 0, out_width = 0;

  int filters() const { return channels * multiplier; }
};

template <typename T>
void depthwise(const T* x, const float* weight, T* y, const DepthwiseExtent& extent);

// Gradients of x (skipped where gx is null) and of the weights (overwritten).
template <typename T>
void depthwise_gradients(const T* x, const float* weight, const T* gradient, T* gx, float* gw,
                         const DepthwiseExtent& extent);

}  // namespace evaluators::kernels
