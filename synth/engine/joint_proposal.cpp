// Generators for several seeds. The seeds' uniform numbers are fixed, so that, decision by decision, the seeds in order
// of these numbers take values in ascending order; every such ascending assignment is the output of some theta.
#include <algorithm>
#include <cmath>
#include <unordered_map>

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
    std::vector<const Member*> members;
    for (const Design& raw : assignment) members.push_back(&member(raw));
    return value(members);
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
  // What one seed's raw values lead to.
  struct Member {
    Design design;                     // canonical
    const Verdict* verdict = nullptr;  // null outside the space or the trust region
  };

  // Moves are counted on raw values: what a changed width does to groups is no move of its own.
  bool inside(const Design& raw, const Design& canonical) const {
    return moves_apart(space_, raw, target_.centre) <= target_.radius && space_.why_not(canonical).empty();
  }

  const Member& member(const Design& raw) {
    if (!members_.contains(raw)) make_members({raw});
    return members_.at(raw);
  }

  // Those that are new are judged together.
  void make_members(const std::vector<Design>& raws) {
    std::vector<Member*> open;
    std::vector<Design> designs;
    for (const Design& raw : raws) {
      const auto [entry, added] = members_.try_emplace(raw);
      if (!added) continue;
      Member& made = entry->second;
      made.design = space_.canonical(raw);
      if (!inside(raw, made.design)) continue;
      open.push_back(&made);
      designs.push_back(made.design);
    }
    inquisitor_.judge_all(designs);
    for (Member* made : open) made->verdict = &inquisitor_.judge(made->design);
  }

  double value(const std::vector<const Member*>& members) const {
    double log_feasible = 0, performance = 0, effort = 0;
    int distinct = 0, new_networks = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Verdict* verdict = members[i]->verdict;
      if (verdict == nullptr) return -1e9;
      performance += verdict->performance;
      const bool repeated = std::any_of(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(i),
                                        [&](const Member* other) { return other->verdict == verdict; });
      if (repeated) continue;
      ++distinct;
      effort += verdict->effort;
      log_feasible += std::log(std::max(verdict->feasibility, 1e-12));
      new_networks += verdict->known ? 0 : 1;
    }
    const double count = static_cast<double>(members.size());
    const double gain = performance / count - target_.performance;
    const double penalty = duplicate_penalty * (count - distinct) / count;
    log_feasible -= std::log(effort / distinct);  // what is promised is weighed by what it takes to know
    // A generator of known networks alone teaches nothing, unless it is better for certain.
    if (!target_.feasible_known) return log_feasible + 0.02 * gain - penalty - (new_networks == 0 ? 1e6 : 0);
    if (gain <= 1e-9) return -1e4 + 100 * gain + log_feasible;
    return std::log(gain) + log_feasible - penalty;
  }

  void improve(Assignment& assignment, int decision, double& best) {
    const auto& order = order_[decision];
    const int count = static_cast<int>(order.size()), size = space_.decisions()[decision].size();
    const bool active = std::any_of(assignment.begin(), assignment.end(),
                                    [&](const Design& raw) { return space_.active(member(raw).design, decision); });
    if (!active) return;
    std::vector<Design> ahead;  // every value for every seed
    for (Design raw : assignment)
      for (raw[decision] = 0; raw[decision] < size; ++raw[decision]) ahead.push_back(raw);
    make_members(ahead);
    // values[place]: of this decision, in ascending order of the seeds' numbers.
    std::vector<int> values, chosen;
    for (const auto& [number, seed] : order) values.push_back(assignment[seed][decision]);
    for (int value_index = 0; value_index < size; ++value_index)
      for (int first = 0; first < count; ++first)
        for (int last = first; last < count; ++last) {
          std::vector<int> trial = values;
          std::fill(trial.begin() + first, trial.begin() + last + 1, value_index);
          if (trial == values || !std::is_sorted(trial.begin(), trial.end())) continue;
          const double found = value(members_with(assignment, decision, trial));
          if (found <= best + 1e-12) continue;
          best = found;
          chosen = std::move(trial);
        }
    if (!chosen.empty())
      for (int place = 0; place < count; ++place) assignment[order[place].second][decision] = chosen[place];
  }

  std::vector<const Member*> members_with(const Assignment& assignment, int decision, const std::vector<int>& values) {
    std::vector<const Member*> members(assignment.size());
    for (std::size_t place = 0; place < values.size(); ++place) {
      const int seed = order_[decision][place].second;
      Design raw = assignment[seed];
      raw[decision] = values[place];
      members[seed] = &member(raw);
    }
    return members;
  }

  Inquisitor& inquisitor_;
  const DesignSpace& space_;
  const Target& target_;
  const std::vector<std::uint64_t>& seeds_;
  std::vector<std::vector<std::pair<double, int>>> order_;  // per decision: (uniform number, seed index), ascending
  std::unordered_map<Design, Member, search_space::DesignHash> members_;  // by raw values
};

}  // namespace

Joint joint_proposal(Inquisitor& inquisitor, const DesignSpace& space, const Target& target,
                     const std::vector<std::uint64_t>& seeds, const std::vector<Design>& starts) {
  JointSearch search(inquisitor, space, target, seeds);
  Joint result;
  result.value = -1e300;
  for (const Design& start : starts) {
    JointSearch::Assignment assignment(seeds.size(), search.raw(start));
    const double value = search.ascend(assignment);
    if (value <= result.value) continue;
    result.value = value;
    result.generator = search.generator(assignment);
  }
  for (const std::uint64_t seed : seeds) result.designs.push_back(result.generator.generate(space, seed));
  return result;
}

}  // namespace synth::engine
