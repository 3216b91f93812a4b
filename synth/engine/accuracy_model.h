// What the inquisitor believes about accuracy: a Gaussian process over decisions and features of a design.
#pragma once

#include <memory>
#include <vector>

#include "search_space/design_space.h"

namespace synth::engine {

struct Observation {
  search_space::Design design;
  std::vector<double> features;  // what is known without evaluating: logarithms of costs, predicted loss from evidence
  double value = 0;
  double variance = 0;  // of the measurement
};

struct Prediction {
  double mean = 0;
  double deviation = 0;
  double residual = 0;  // standard deviation of what no other network tells: a network's own, or a measurement's
};

class AccuracyModel {
 public:
  // `slopes`: prior mean of d value / d feature; `scale`: prior standard deviation of values.
  AccuracyModel(const search_space::DesignSpace& space, std::vector<double> slopes, double scale);
  ~AccuracyModel();
  AccuracyModel(AccuracyModel&&) noexcept;

  // Refits everything to these observations, starting from the relevances learned before.
  void fit(const std::vector<Observation>& observations);
  Prediction predict(const search_space::Design& design, const std::vector<double>& features) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace synth::engine
