// Log odds with a floor, and features that costs alone give.
#include "synth/engine/accuracy_prior.h"

#include <algorithm>
#include <cmath>

namespace synth::engine {
namespace {

constexpr double odds_floor = 1e-3;  // keeps log odds finite

double decades(std::int64_t value, std::int64_t reference) {
  return std::log10(std::max<double>(1, static_cast<double>(value)) /
                    std::max<double>(1, static_cast<double>(reference)));
}

}  // namespace

double log_odds(double accuracy) {
  return std::log((accuracy + odds_floor) / (1 - accuracy + odds_floor));
}

double accuracy_of_log_odds(double value) {
  const double odds = std::exp(value);
  return std::clamp((odds * (1 + odds_floor) - odds_floor) / (1 + odds), 0.0, 1.0);
}

double log_odds_variance(double accuracy, int samples) {
  if (samples <= 0) return 0;
  const double slope = 1 / (accuracy + odds_floor) + 1 / (1 - accuracy + odds_floor);
  return accuracy * (1 - accuracy) / samples * slope * slope;
}

std::array<double, 2> cost_decades(const search_space::Cost& cost, const search_space::Cost& reference) {
  return {decades(cost.parameters(), reference.parameters()), decades(cost.multiply_adds, reference.multiply_adds)};
}

}  // namespace synth::engine
