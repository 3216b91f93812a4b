// Units and prior of the accuracy model: log odds of being right, over logarithms of costs and of training.
#pragma once

#include <array>

#include "search_space/cost.h"

namespace synth::engine {

// Natural logarithm of the odds of being right: where errors are few that of the error, where most answers are wrong
// that of the accuracy. Finite for networks that are never, or always, right.
double log_odds(double accuracy);
double accuracy_of_log_odds(double value);
// Variance of the log odds of an accuracy that was measured on so many samples; 0 samples: exact.
double log_odds_variance(double accuracy, int samples);

// Decades of parameters and of multiply-adds above a reference's.
std::array<double, 2> cost_decades(const search_space::Cost& cost, const search_space::Cost& reference);

// Prior: per decade of either the odds rise by a factor exp(0.15), likewise when weights are trained for twice as long;
// what a network's decisions do beyond that varies by about as much.
constexpr double slope_per_decade = 0.15, slope_per_doubling = 0.15, prior_scale = 0.15;

}  // namespace synth::engine
