// Draws, neighbours and comparisons of the baselines.
#include "synth/engine/baselines_common.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace synth::engine {

using search_space::Design;
using search_space::DesignSpace;
using search_space::Random;

namespace {

// The next generator of an algorithm that has none: this network alone.
void record_step(Experiment& experiment, const Record& network, std::string reason) {
  GeneratorRecord step;
  step.index = experiment.generators().empty() ? 0 : experiment.generators().back().index + 1;
  step.parent = static_cast<int>(experiment.generators().size()) - 1;
  step.accepted = network.feasible;
  step.reason = std::move(reason);
  step.mean_performance = network.performance;
  step.networks = {network.id};
  experiment.record(std::move(step));
}

}  // namespace

std::vector<const Record*> evaluate_step(Experiment& experiment, const std::vector<Design>& designs) {
  if (experiment.generators().empty()) {
    const Record& prototype = *experiment.evaluate({experiment.space().prototype()}).front();
    record_step(experiment, prototype, reason_of_prototype(experiment, prototype));
  }
  const std::size_t before = experiment.records().size();
  const Record* best = experiment.best();
  const auto record_improvements = [&] {
    for (std::size_t i = before; i < experiment.records().size(); ++i) {
      const Record& record = *experiment.records()[i];
      if (!record.feasible || (best != nullptr && record.performance <= best->performance)) continue;
      record_step(experiment, record,
                  best == nullptr ? fmt::format("the first feasible network, U {:.2f}", record.performance)
                                  : fmt::format("U {:.2f} after {:.2f}", record.performance, best->performance));
      best = &record;
    }
  };
  std::vector<const Record*> records;
  try {
    records = experiment.evaluate(designs);
  } catch (const Experiment::BudgetExhausted&) {
    record_improvements();
    throw;
  } catch (const Experiment::Interrupted&) {
    record_improvements();
    throw;
  }
  record_improvements();
  const int wanted = experiment.config().generators;
  if (wanted > 0 && experiment.generators().back().index >= wanted) throw Experiment::BudgetExhausted{};
  return records;
}

Design random_design(const DesignSpace& space, Random& random) {
  for (int attempt = 0; attempt < stalled_proposals; ++attempt) {
    Design design;
    for (const search_space::Decision& decision : space.decisions()) design.push_back(random.below(decision.size()));
    design = space.canonical(std::move(design));
    if (space.why_not(design).empty()) return design;
  }
  return {};
}

Design changed(const DesignSpace& space, const Design& design, int decision, int value, Random& random) {
  Design next = design;
  next[decision] = value;
  const auto& decisions = space.decisions();
  for (int d = 0; d < static_cast<int>(decisions.size()); ++d) {
    if (space.active(next, d) && !space.active(design, d)) next[d] = random.below(decisions[d].size());
  }
  return space.canonical(std::move(next));
}

std::vector<Design> neighbours(const DesignSpace& space, const Design& design, Random& random) {
  std::vector<Design> found;
  const auto& decisions = space.decisions();
  for (int d = 0; d < static_cast<int>(decisions.size()); ++d) {
    if (!space.active(design, d)) continue;
    for (int value = 0; value < decisions[d].size(); ++value) {
      if (value == design[d]) continue;
      Design next = changed(space, design, d, value, random);
      if (space.why_not(next).empty()) found.push_back(std::move(next));
    }
  }
  random.shuffle(found);
  return found;
}

Design mutated(const DesignSpace& space, const Design& design, Random& random) {
  std::vector<int> open;  // decisions that can change
  for (int d = 0; d < static_cast<int>(design.size()); ++d) {
    if (space.active(design, d) && space.decisions()[d].size() > 1) open.push_back(d);
  }
  for (int attempt = 0; attempt < 1000 && !open.empty(); ++attempt) {
    const int decision = open[random.below(static_cast<int>(open.size()))];
    const int drawn = random.below(space.decisions()[decision].size() - 1);
    Design next = changed(space, design, decision, drawn + (drawn >= design[decision]), random);
    if (space.why_not(next).empty()) return next;
  }
  return design;
}

double violation_of(const Objective& objective, const Record& record) {
  if (record.feasible) return 0;
  if (record.evaluation.outcome != evaluators::Outcome::trained) return std::numeric_limits<double>::infinity();
  double sum = 0;
  const auto excess = [&](double value, double bound) { sum += std::max(0.0, value / std::max(bound, 1e-9) - 1); };
  const Requirements& requirements = objective.requirements();
  const search_space::Cost& cost = record.evaluation.cost;
  const double required = objective.required_accuracy();
  if (required > 0) sum += std::max(0.0, 1 - record.accuracy_lower_bound / required);
  if (requirements.parameters) excess(cost.parameters(), *requirements.parameters);
  if (requirements.multiply_adds) excess(cost.multiply_adds, *requirements.multiply_adds);
  if (requirements.weight_bytes) excess(cost.weight_bytes(requirements.weight_bits), *requirements.weight_bytes);
  if (requirements.peak_activation_bytes) {
    excess(cost.peak_activation_bytes(requirements.activation_bits), *requirements.peak_activation_bytes);
  }
  if (requirements.flash) excess(cost.deployment.flash(), *requirements.flash);
  if (requirements.ram) excess(cost.deployment.ram, *requirements.ram);
  if (requirements.latency_cycles) excess(cost.deployment.instructions, *requirements.latency_cycles);
  if (requirements.latency_ms) excess(record.evaluation.latency_ms, *requirements.latency_ms);
  return sum;
}

bool better(const Objective& objective, const Record& first, const Record& second) {
  if (first.feasible != second.feasible) return first.feasible;
  if (first.feasible) return first.performance > second.performance;
  return violation_of(objective, first) < violation_of(objective, second);
}

}  // namespace synth::engine
