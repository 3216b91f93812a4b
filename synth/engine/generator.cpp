// Seeds to designs by the inverse distribution function, decision by decision.
#include "synth/engine/generator.h"

#include <cmath>
#include <string>

#include "search_space/random.h"

namespace synth::engine {

double seed_uniform(std::uint64_t seed, int decision) {
  return search_space::Random(search_space::stream_seed(seed, std::to_string(decision), "generate")).uniform();
}

search_space::Design Generator::generate(const search_space::DesignSpace& space, std::uint64_t seed) const {
  search_space::Design design(theta.size());
  for (std::size_t decision = 0; decision < theta.size(); ++decision) {
    const double u = seed_uniform(seed, static_cast<int>(decision));
    const auto& probabilities = theta[decision];
    double sum = 0;
    int value = 0;
    for (int candidate = 0; candidate < static_cast<int>(probabilities.size()); ++candidate) {
      if (probabilities[candidate] <= 0) continue;  // rounding must never select what has no mass
      value = candidate;
      sum += probabilities[candidate];
      if (u < sum) break;
    }
    design[decision] = value;
  }
  return space.canonical(std::move(design));
}

double Generator::log_probability(const search_space::DesignSpace& space, const search_space::Design& design) const {
  const search_space::Design canonical = space.canonical(design);
  double sum = 0;
  for (std::size_t decision = 0; decision < theta.size(); ++decision)
    if (space.active(canonical, static_cast<int>(decision))) sum += std::log(theta[decision][canonical[decision]]);
  return sum;
}

Generator generator_of(const search_space::DesignSpace& space, const search_space::Design& design) {
  Generator generator;
  const auto& decisions = space.decisions();
  for (std::size_t decision = 0; decision < decisions.size(); ++decision) {
    std::vector<double> probabilities(decisions[decision].size(), 0.0);
    probabilities[design[decision]] = 1;
    generator.theta.push_back(std::move(probabilities));
  }
  return generator;
}

double kl_divergence(const search_space::DesignSpace& space, const Generator& next, const Generator& previous,
                     double smoothing) {
  double sum = 0;
  std::vector<double> active(next.theta.size(), 1.0);  // probability under `next`
  for (std::size_t decision = 0; decision < next.theta.size(); ++decision) {
    const search_space::Decision& at = space.decisions()[decision];
    if (at.parent >= 0) active[decision] = active[at.parent] * next.theta[at.parent][at.parent_value];
    const double uniform = 1.0 / static_cast<double>(next.theta[decision].size());
    for (std::size_t value = 0; value < next.theta[decision].size(); ++value) {
      const double p = (1 - smoothing) * next.theta[decision][value] + smoothing * uniform;
      const double q = (1 - smoothing) * previous.theta[decision][value] + smoothing * uniform;
      if (p > 0) sum += active[decision] * p * std::log(p / q);
    }
  }
  return sum;
}

}  // namespace synth::engine
