// Generators for several seeds. The seeds' uniform numbers are fixed, so that, decision by decision, the seeds in order
// of these numbers take values in ascending order; every such ascending assignment is the output of some theta.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "synth/engine/proposal.h"

namespace synth::engine {
namespace {

using search_space::Design;
using search_space::DesignSpace;

constexpr int sweeps = 4;
constexpr double duplicate_penalty = 3;  // in log prospect, per seed that repeats another's network

class JointSearch {
 public:
  JointSearch(Inquisitor& inquisitor, const DesignSpace& space, const Target& target,
              const std::vector<std::uint64_t>& seeds)
      : inquisitor_(inquisitor), space_(space), target_(target), seeds_(seeds) {
    for (int decision = 0; decision < static_cast<int>(space.decisions().size()); ++decision) {
      std::vector<std::pair<double, int>> order;
      for (int seed = 0; seed < static_cast<int>(seeds.size()); ++seed)
        order.emplace_back(seed_uniform(seeds[seed], decision), seed);
      std::sort(order.begin(), order.end());
      order_.push_back(std::move(order));
    }
  }

  // Raw values per seed, ascending in each decision's order of seeds; inactive decisions keep their values.
  using Assignment = std::vector<Design>;

  double value(const Assignment& assignment) {
    double log_feasible = 0, performance = 0;
    std::set<Design> distinct;
    int new_networks = 0;
    for (const Design& raw : assignment) {
      const Design design = space_.canonical(raw);
      if (moves_apart(space_, design, target_.centre) > target_.radius || !space_.why_not(design).empty()) return -1e9;
      const Verdict& verdict = inquisitor_.judge(design);
      performance += verdict.performance;
      if (!distinct.insert(design).second) continue;
      log_feasible += std::log(std::max(verdict.feasibility, 1e-12));
      new_networks += verdict.known ? 0 : 1;
    }
    const double count = static_cast<double>(assignment.size());
    const double gain = performance / count - target_.performance;
    const double penalty = duplicate_penalty * (count - static_cast<double>(distinct.size())) / count;
    // A generator of known networks alone teaches nothing, unless it is better for certain.
    if (!target_.feasible_known) return log_feasible + 0.02 * gain - penalty - (new_networks == 0 ? 1e6 : 0);
    if (gain <= 1e-9) return -1e4 + 100 * gain + log_feasible;
    return std::log(gain) + log_feasible - penalty;
  }

  // Decisions that a change of kind may open start in the middle of their domain.
  Design raw(Design design) const {
    for (int decision = 0; decision < static_cast<int>(design.size()); ++decision)
      if (!space_.active(design, decision)) design[decision] = space_.decisions()[decision].size() / 2;
    return design;
  }

  // Coordinate ascent over decisions; in each, the lowest or highest few seeds, or all, take another value.
  double ascend(Assignment& assignment) {
    double best = value(assignment);
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      const double before = best;
      for (int decision = 0; decision < static_cast<int>(order_.size()); ++decision)
        improve(assignment, decision, best);
      if (best <= before + 1e-9) break;
    }
    return best;
  }

  Generator generator(const Assignment& assignment) const {
    Generator result;
    for (int decision = 0; decision < static_cast<int>(order_.size()); ++decision) {
      std::vector<double> probabilities(space_.decisions()[decision].size(), 0.0);
      double from = 0;
      const auto& order = order_[decision];
      for (std::size_t place = 0; place < order.size(); ++place) {
        // A value's share of [0, 1) ends midway between its last seed's number and the next one's.
        const bool last = place + 1 == order.size();
        const double until = last ? 1.0 : (order[place].first + order[place + 1].first) / 2;
        probabilities[assignment[order[place].second][decision]] += until - from;
        from = until;
      }
      result.theta.push_back(std::move(probabilities));
    }
    return result;
  }

 private:
  void improve(Assignment& assignment, int decision, double& best) {
    const auto& order = order_[decision];
    const int count = static_cast<int>(order.size()), size = space_.decisions()[decision].size();
    bool active = false;
    for (const Design& raw : assignment) active = active || space_.active(space_.canonical(raw), decision);
    if (!active) return;
    Assignment chosen = assignment;
    for (int value_index = 0; value_index < size; ++value_index)
      for (int first = 0; first < count; ++first)
        for (int last = first; last < count; ++last) {
          Assignment trial = assignment;
          bool changed = false, ascending = true;
          for (int place = first; place <= last; ++place) {
            changed = changed || trial[order[place].second][decision] != value_index;
            trial[order[place].second][decision] = value_index;
          }
          for (int place = 1; place < count; ++place)
            ascending = ascending && trial[order[place - 1].second][decision] <= trial[order[place].second][decision];
          if (!changed || !ascending) continue;
          const double found = value(trial);
          if (found > best + 1e-12) {
            best = found;
            chosen = std::move(trial);
          }
        }
    assignment = std::move(chosen);
  }

  Inquisitor& inquisitor_;
  const DesignSpace& space_;
  const Target& target_;
  const std::vector<std::uint64_t>& seeds_;
  std::vector<std::vector<std::pair<double, int>>> order_;  // per decision: (uniform number, seed index), ascending
};

}  // namespace

Joint joint_proposal(Inquisitor& inquisitor, Experiment& experiment, const Target& target,
                     const std::vector<std::uint64_t>& seeds, const std::vector<Design>& starts) {
  JointSearch search(inquisitor, experiment.space(), target, seeds);
  Joint result;
  result.value = -1e300;
  for (const Design& start : starts) {
    JointSearch::Assignment assignment(seeds.size(), search.raw(start));
    const double value = search.ascend(assignment);
    if (value <= result.value) continue;
    result.value = value;
    result.generator = search.generator(assignment);
  }
  for (const std::uint64_t seed : seeds) result.designs.push_back(result.generator.generate(experiment.space(), seed));
  return result;
}

}  // namespace synth::engine
