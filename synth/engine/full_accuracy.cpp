// The accuracy model, learned from all records at the ages that their weights had, asked about another age.
#include "synth/engine/full_accuracy.h"

#include <cmath>

#include "synth/engine/accuracy_model.h"
#include "synth/engine/accuracy_prior.h"

namespace synth::engine {
namespace {

using results_db::Record;
using search_space::Cost;
using search_space::Design;
using search_space::DesignSpace;

constexpr std::size_t training_set = 300;  // the latest: bounds the time, which grows with the cube
constexpr int refits = 4;                  // each steps on from what the last has learned

bool trained(const Record& record) {
  return record.evaluation.outcome == evaluators::Outcome::trained;
}

}  // namespace

struct FullAccuracyModel::State {
  Cost reference;
  AccuracyModel model;
  bool knows = false;
  double full = 0;  // age of full training, in doublings

  std::vector<double> features(const Cost& cost, double doublings) const {
    const auto [parameters, multiply_adds] = cost_decades(cost, reference);
    return {parameters, multiply_adds, doublings};
  }
};

FullAccuracyModel::FullAccuracyModel(const DesignSpace& space, const std::vector<Record>& records,
                                     TrainingEpochs epochs, double full_epochs)
    : state_(new State{space.cost(space.prototype()),
                       AccuracyModel(space, {slope_per_decade, slope_per_decade, slope_per_doubling}, prior_scale)}) {
  if (epochs.from_scratch <= 0 || epochs.inherited <= 0) return;
  const TrainingAge age(space, epochs);
  std::vector<std::vector<double>> ages;
  std::vector<Observation> observations;
  for (const Record& record : records) {
    const auto& evaluation = record.evaluation;
    ages.push_back(record.parent > 0
                       ? age.inherited(record.design, records[record.parent - 1].design, ages[record.parent - 1],
                                       evaluation.evidence.fits, evaluation.epochs)
                       : age.from_scratch(evaluation.epochs));
    const double accuracy = evaluation.accuracy;
    if (!trained(record) || !std::isfinite(accuracy)) continue;
    observations.push_back({record.design, state_->features(evaluation.cost, age.doublings(ages.back())),
                            log_odds(accuracy), log_odds_variance(accuracy, evaluation.samples)});
  }
  if (observations.empty()) return;
  if (observations.size() > training_set) observations.erase(observations.begin(), observations.end() - training_set);
  for (int i = 0; i < refits; ++i) state_->model.fit(observations);
  state_->full = age.doublings(full_epochs);
  state_->knows = true;
}

FullAccuracyModel::~FullAccuracyModel() = default;

bool FullAccuracyModel::knows() const {
  return state_->knows;
}

FullAccuracyModel::Expected FullAccuracyModel::of(const Design& design, const Cost& cost) const {
  const Prediction found = state_->model.predict(design, state_->features(cost, state_->full));
  return {accuracy_of_log_odds(found.mean), accuracy_of_log_odds(found.mean - found.deviation),
          accuracy_of_log_odds(found.mean + found.deviation)};
}

std::vector<double> expected_full_accuracies(const DesignSpace& space, const std::vector<Record>& records,
                                             TrainingEpochs epochs, double full_epochs) {
  std::vector<double> result(records.size());
  const FullAccuracyModel model(space, records, epochs, full_epochs);
  if (!model.knows()) return result;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (trained(records[i])) result[i] = model.of(records[i].design, records[i].evaluation.cost).mean;
  return result;
}

std::vector<std::vector<Belief>> beliefs_around(const DesignSpace& space, const FullAccuracyModel& model,
                                                const Design& centre) {
  std::vector<std::vector<Belief>> result;
  const auto& decisions = space.decisions();
  for (std::size_t decision = 0; decision < decisions.size(); ++decision) {
    result.emplace_back(decisions[decision].labels.size());
    if (!model.knows()) continue;
    Design design = centre;
    for (int at = static_cast<int>(decision); decisions[at].parent >= 0; at = decisions[at].parent)
      design[decisions[at].parent] = decisions[at].parent_value;
    for (std::size_t value = 0; value < result.back().size(); ++value) {
      design[decision] = static_cast<int>(value);
      Belief& belief = result.back()[value];
      belief.possible = space.why_not(design).empty();
      if (!belief.possible) continue;
      const Design canonical = space.canonical(design);
      belief.cost = space.cost(canonical);
      belief.accuracy = model.of(canonical, belief.cost);
    }
  }
  return result;
}

}  // namespace synth::engine
