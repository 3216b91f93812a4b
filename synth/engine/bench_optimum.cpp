// Constrained optimum by enumeration, or by iterated local search over one- and two-decision changes.
#include "synth/engine/bench_optimum.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "search_space/random.h"

namespace synth::engine {

using evaluators::Evaluation;
using evaluators::Table;
using search_space::Design;

Evaluation judged(const Table& table, const Design& design) {
  Evaluation evaluation;
  evaluation.cost = table.cost(design);
  evaluation.accuracy = table.mean_accuracy(design);
  evaluation.float_accuracy = evaluation.accuracy;
  return evaluation;
}

namespace {

// Iterated local search. A two-decision change exchanges accuracy for cost, which one-decision changes along the
// boundary of the feasible region cannot.
class Search {
 public:
  Search(const Table& table, const Objective& objective, std::uint64_t seed)
      : table_(table), objective_(objective), required_(objective.required_accuracy()), random_(seed) {
    for (int d = 0; d < static_cast<int>(table.decisions().size()); ++d) {
      for (int value = 0; value < table.decisions()[d].size(); ++value) changes_.push_back({d, value});
    }
  }

  std::pair<double, Design> run(int rounds) {
    Design best = table_.prototype();
    for (int& value : best) value = 0;
    randomise(best, static_cast<int>(best.size()));
    double best_value = climb(best, value_of(best));
    for (int round = 0; round < rounds; ++round) {
      Design next = best;
      randomise(next, 2 + random_.below(std::max(1, static_cast<int>(next.size()) / 3)));
      const double value = climb(next, value_of(next));
      if (value < best_value) continue;
      best_value = value;
      best = std::move(next);
    }
    return {best_value, best};
  }

  static bool feasible(double value) { return value > infeasible_offset / 2; }

 private:
  struct Change {
    int decision, value;
  };
  static constexpr double infeasible_offset = -1e9;

  // U where feasible; else far below, rising towards feasibility.
  double value_of(const Design& design) const {
    if (!table_.why_not(design).empty()) return 2 * infeasible_offset;
    const Evaluation evaluation = judged(table_, design);
    const bool cost_feasible = objective_.cost_feasible(evaluation.cost);
    if (cost_feasible && evaluation.accuracy >= required_) return objective_.performance(evaluation);
    double distance = std::max(0.0, required_ - evaluation.accuracy);
    if (!cost_feasible) {
      distance += 1e-2 * (std::log(1.0 + evaluation.cost.parameters()) + std::log(1.0 + evaluation.cost.multiply_adds));
    }
    return infeasible_offset * (1 + distance);
  }

  void randomise(Design& design, int changes) {
    for (int i = 0; i < changes; ++i) {
      const int d = random_.below(static_cast<int>(design.size()));
      design[d] = random_.below(table_.decisions()[d].size());
    }
  }

  // First improvement over single changes, then over pairs of changes, until neither helps.
  double climb(Design& design, double value) {
    for (;;) {
      while (improve(design, value, 0)) {
      }
      if (!improve_pairs(design, value)) return value;
    }
  }

  bool improve(Design& design, double& value, std::size_t from) {
    for (std::size_t i = from; i < changes_.size(); ++i) {
      const Change& change = changes_[i];
      const int before = std::exchange(design[change.decision], change.value);
      if (before == change.value) continue;
      const double next = value_of(design);
      if (next > value) {
        value = next;
        return true;
      }
      design[change.decision] = before;
    }
    return false;
  }

  bool improve_pairs(Design& design, double& value) {
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      const Change& change = changes_[i];
      const int before = std::exchange(design[change.decision], change.value);
      if (before == change.value) continue;
      if (improve(design, value, i + 1)) return true;
      design[change.decision] = before;
    }
    return false;
  }

  const Table& table_;
  const Objective& objective_;
  const double required_;
  search_space::Random random_;
  std::vector<Change> changes_;
};

}  // namespace

OptimumSearch constrained_optimum(const Table& table, const Objective& objective, std::uint64_t enumerate) {
  std::optional<Optimum> best;
  const double required = objective.required_accuracy();
  const auto consider = [&](const Design& design) {
    Evaluation evaluation = judged(table, design);
    if (evaluation.accuracy < required || !objective.cost_feasible(evaluation.cost)) return;
    const double performance = objective.performance(evaluation);
    if (!best || performance > best->performance) best = Optimum{design, std::move(evaluation), performance};
  };
  if (table.visit_all(enumerate, consider)) return {best, true};
  constexpr int starts = 8, rounds = 150;
  for (int start = 0; start < starts; ++start) {
    const auto [value, design] = Search(table, objective, static_cast<std::uint64_t>(start)).run(rounds);
    if (Search::feasible(value)) consider(design);
  }
  return {best, false};
}

}  // namespace synth::engine
