// Exponential averages of every tensor, batch norm's statistics included.
#include "evaluators/detection/averaging.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace evaluators::detection {

using torch::Tensor;

Tensors copy_of(const Detector& detector) {
  Tensors copies;
  for (const auto& [name, tensor] : detector.named_tensors()) copies.emplace(name, tensor.detach().clone());
  return copies;
}

void restore(Detector& detector, const Tensors& tensors) {
  at::NoGradGuard no_grad;
  for (auto& [name, tensor] : detector.named_tensors()) tensor.detach().copy_(tensors.at(name));
}

WeightAverage::WeightAverage(Detector& detector, double decay)
    : live_(detector.named_tensors()), average_(copy_of(detector)), decay_(decay) {}

void WeightAverage::add() {
  at::NoGradGuard no_grad;
  const double decay = std::min(decay_, (1.0 + added_) / (10.0 + added_));
  ++added_;
  for (auto& [name, average] : average_) average.lerp_(live_.at(name).detach(), 1 - decay);
}

void WeightAverage::exchange() {
  at::NoGradGuard no_grad;
  for (auto& [name, average] : average_) {
    const Tensor held = live_.at(name).detach().clone();
    live_.at(name).detach().copy_(average);
    average.copy_(held);
  }
}

}  // namespace evaluators::detection
