// Batch norm with what surrounds it in these networks, y = relu(batch_norm(x) + residual), in as few passes over memory
// as its statistics allow. Narrow networks are bound by exactly this (docs/results/speed.md).
#pragma once

#include <torch/types.h>

namespace evaluators {

constexpr double batch_norm_momentum = 0.1;  // weight of the newest batch in the running statistics

struct BatchNormTensors {
  torch::Tensor weight, bias;               // float32 [C], trainable
  torch::Tensor running_mean, running_var;  // float32 [C], updated in training
};

// x: float32 or bfloat16 [N, C, H, W] on the CPU; residual: of the same shape and type, or undefined. With `training`,
// batch statistics normalise and gradients flow; without, running statistics do and nothing may require a gradient.
torch::Tensor fused_batch_norm(const torch::Tensor& x, const torch::Tensor& residual, const BatchNormTensors& tensors,
                               bool training, bool relu);

}  // namespace evaluators
