// Gradient steps.
#include "evaluators/optimiser.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace evaluators {

using torch::Tensor;

Optimiser::Optimiser(std::vector<Tensor> parameters, double momentum, double weight_decay)
    : parameters_(std::move(parameters)), momentum_(momentum), weight_decay_(weight_decay) {
  for (const Tensor& parameter : parameters_) velocity_.push_back(at::zeros_like(parameter));
}

void Optimiser::step(double rate) {
  at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Tensor& parameter = parameters_[i];
    if (!parameter.grad().defined()) continue;
    Tensor gradient = parameter.grad();
    // Pulling vectors to zero shrinks channels, not functions.
    if (parameter.dim() > 1) gradient = gradient.add(parameter, weight_decay_);
    velocity_[i].mul_(momentum_).add_(gradient);
    parameter.add_(gradient.add(velocity_[i], momentum_), -rate);
    parameter.mutable_grad() = Tensor();
  }
}

double rate_at(int step, int steps, double warmup) {
  const double warm = warmup * steps;
  if (step + 1 < warm) return (step + 1) / warm;
  const double progress = (step + 0.5 - warm) / std::max(1.0, steps - warm);
  return 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0)));
}

}  // namespace evaluators
