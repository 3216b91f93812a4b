// The accuracy model, learned from all records at the ages that their weights had, asked about another age.
#include "synth/engine/full_accuracy.h"

#include <cmath>

#include "synth/engine/accuracy_model.h"
#include "synth/engine/accuracy_prior.h"

namespace synth::engine {
namespace {

using results_db::Record;

constexpr std::size_t training_set = 300;  // the latest: bounds the time, which grows with the cube
constexpr int refits = 4;                  // each steps on from what the last has learned

}  // namespace

std::vector<double> expected_full_accuracies(const search_space::DesignSpace& space, const std::vector<Record>& records,
                                             TrainingEpochs epochs, double full_epochs) {
  std::vector<double> result(records.size());
  if (epochs.from_scratch <= 0 || epochs.inherited <= 0) return result;
  const TrainingAge age(space, epochs);
  const search_space::Cost reference = space.cost(space.prototype());
  const auto trained = [](const Record& record) { return record.evaluation.outcome == evaluators::Outcome::trained; };
  const auto features = [&](const Record& record, double doublings) {
    const auto [parameters, multiply_adds] = cost_decades(record.evaluation.cost, reference);
    return std::vector<double>{parameters, multiply_adds, doublings};
  };
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
    observations.push_back({record.design, features(record, age.doublings(ages.back())), log_odds(accuracy),
                            log_odds_variance(accuracy, record.evaluation.samples)});
  }
  if (observations.size() > training_set) observations.erase(observations.begin(), observations.end() - training_set);
  AccuracyModel model(space, {slope_per_decade, slope_per_decade, slope_per_doubling}, prior_scale);
  for (int i = 0; i < refits && !observations.empty(); ++i) model.fit(observations);
  const double full = age.doublings(full_epochs);
  for (std::size_t i = 0; i < records.size() && !observations.empty(); ++i)
    if (trained(records[i]))
      result[i] = accuracy_of_log_odds(model.predict(records[i].design, features(records[i], full)).mean);
  return result;
}

}  // namespace synth::engine
