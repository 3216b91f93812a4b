// The list of search algorithms, and how a run of one begins and ends.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "search_space/errors.h"
#include "synth/engine/baselines.h"
#include "synth/engine/cost_range.h"
#include "synth/engine/experiment.h"
#include "synth/engine/synthesis.h"

namespace synth::engine {
namespace {

struct Algorithm {
  AlgorithmInfo info;
  void (*run)(Experiment&);
};

const std::vector<Algorithm>& registry() {
  static const std::vector<Algorithm> all = {
      {{"generative-synthesis", "generators learned from probing evidence and a model of accuracy"}, synthesize},
      {{"random", "distinct designs drawn uniformly"}, random_search},
      {{"local-search", "hill climbing over one-decision changes, restarted at random"}, local_search},
      {{"regularized-evolution", "ageing evolution, population 20, tournaments of 5"},
       [](Experiment& experiment) {
         regularized_evolution(experiment, {20, 5});
       }},
      {{"regularized-evolution-50", "ageing evolution, population 50, tournaments of 10"},
       [](Experiment& experiment) {
         regularized_evolution(experiment, {50, 10});
       }},
      {{"nsga2", "NSGA-II of pagmo2 on accuracy and costs, population 40"}, nsga2},
  };
  return all;
}

const Algorithm& algorithm(const std::string& name) {
  std::vector<std::string> known;
  for (const Algorithm& candidate : registry()) {
    if (candidate.info.name == name) return candidate;
    known.push_back(candidate.info.name);
  }
  throw search_space::InputError("unknown algorithm '" + name + "'" + search_space::suggestion(name, known));
}

}  // namespace

const std::vector<AlgorithmInfo>& algorithms() {
  static const std::vector<AlgorithmInfo> all = [] {
    std::vector<AlgorithmInfo> infos;
    for (const Algorithm& algorithm : registry()) infos.push_back(algorithm.info);
    return infos;
  }();
  return all;
}

std::string reason_of_prototype(Experiment& experiment, const Record& prototype) {
  if (prototype.feasible) return "the prototype";
  const auto& evaluation = prototype.evaluation;
  std::string reason = "the prototype, infeasible: " + experiment.objective().violation(evaluation);
  const double full = experiment.training_epochs().full;
  if (evaluation.outcome == evaluators::Outcome::trained && full > 0 &&
      experiment.objective().cost_feasible(evaluation.cost))
    reason += fmt::format(
        " after {:.4g} of at most {:.4g} epochs; ask for less, or begin with a wider prototype (width=2) or more "
        "epochs",
        evaluation.epochs, full);
  return reason;
}

std::string run(Experiment& experiment) {
  const Algorithm& chosen = algorithm(experiment.config().algorithm);
  const Requirements& requirements = experiment.objective().requirements();
  const auto& space = experiment.space();
  // A prototype within the bounds is proof enough that costs do not rule everything out.
  if (!experiment.objective().cost_feasible(space.cost(space.prototype())) &&
      !why_infeasible(cost_range(space, requirements), requirements).empty())
    return "infeasible";
  try {
    experiment.evaluate({space.prototype()});
    // Above 1: relative to a prototype that could not be trained. No network can meet that.
    if (experiment.objective().required_accuracy() > 1) return "infeasible";
    chosen.run(experiment);
  } catch (const Experiment::BudgetExhausted&) {
  } catch (const Experiment::Interrupted&) {
    return "interrupted";
  }
  return experiment.best() != nullptr ? "done" : "infeasible";
}

}  // namespace synth::engine
