// G: a seed in, a design out. theta are the probabilities of every decision's values.
#pragma once

#include <cstdint>
#include <vector>

#include "search_space/design_space.h"

namespace synth::engine {

struct Generator {
  std::vector<std::vector<double>> theta;  // per decision, per value; each sums to 1

  // Deterministic in (theta, seed); canonical in `space`.
  search_space::Design generate(const search_space::DesignSpace& space, std::uint64_t seed) const;
  double log_probability(const search_space::DesignSpace& space, const search_space::Design& design) const;
  bool operator==(const Generator&) const = default;
};

// The number in [0, 1) that picks the decision's value for a seed; depends on nothing else, so that nearby thetas
// generate nearby networks from the same seed.
double seed_uniform(std::uint64_t seed, int decision);
// G_0: all mass on one design.
Generator generator_of(const search_space::DesignSpace& space, const search_space::Design& design);
// KL(next || previous) of the designs they generate, in nats; both smoothed by `smoothing` towards uniform so that it
// stays finite. A decision counts as far as it is active.
double kl_divergence(const search_space::DesignSpace& space, const Generator& next, const Generator& previous,
                     double smoothing);

}  // namespace synth::engine
