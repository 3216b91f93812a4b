// Learns accuracy in units of log odds around the required accuracy, and turns predictions into verdicts.
#include "synth/engine/inquisitor.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>

#include "search_space/random.h"
#include "synth/engine/accuracy_prior.h"

namespace synth::engine {
namespace {

using search_space::Cost;
using search_space::Design;

// Prior, beside accuracy_prior.h's: the odds rise by a factor exp(0.1) per decade that the average slot has, weighted
// by need.
constexpr double slope_of_needed = 0.1;
constexpr double absent = -0.9;  // capacity of a slot without open widths, such as a skip: decades below the widest
// Networks far below the required accuracy say little about the boundary: values below -knee are compressed.
constexpr double knee = 0.25;
constexpr std::size_t training_set = 150;  // bounds the time of one refit whatever the length of the run

// Share of the time of the prototype's epoch that a network without multiply-adds would take.
constexpr double overhead = 0.3;
constexpr double doubt = 2;  // factor by which deviations may be larger than the model believes

double normal_probability(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

}  // namespace

int moves_apart(const search_space::DesignSpace& space, const Design& first, const Design& second) {
  int count = 0;
  for (int decision = 0; decision < static_cast<int>(first.size()); ++decision)
    if (first[decision] != second[decision] && space.active(first, decision) && space.active(second, decision)) ++count;
  return count;
}

Inquisitor::Inquisitor(Experiment& experiment)
    : experiment_(experiment),
      reference_(experiment.space().cost(experiment.space().prototype())),
      training_age_(experiment.space(), experiment.training_epochs()),
      model_(experiment.space(), {slope_per_decade, slope_per_decade, slope_of_needed, slope_per_doubling},
             prior_scale) {}

bool Inquisitor::uses_model() const {
  return experiment_.config().model;
}

// Decades of parameters and multiply-adds above the prototype's; capacity where it is needed; and how long the weights
// have been trained, which counts as trainings end before they converge.
std::vector<double> Inquisitor::features(const Design& design, const Cost& cost, double age) const {
  const auto [parameters, multiply_adds] = cost_decades(cost, reference_);
  return {parameters, multiply_adds, needed_capacity(design), age};
}

std::vector<double> Inquisitor::features(const Record& record) const {
  return features(record.design, record.evaluation.cost, training_age_.doublings(ages_[record.id - 1]));
}

// `parent`: whose weights it inherits, null for none; one of the records learned from. `epochs`: 0 = the usual number.
std::vector<double> Inquisitor::ages(const Design& design, const Record* parent, double epochs) const {
  if (parent == nullptr) return training_age_.from_scratch(epochs);
  return training_age_.inherited(design, parent->design, ages_[parent->id - 1], {}, epochs);
}

std::vector<double> Inquisitor::ages(const Record& record) const {
  const auto& evaluation = record.evaluation;
  if (record.parent == 0) return training_age_.from_scratch(evaluation.epochs);
  return training_age_.inherited(record.design, experiment_.records()[record.parent - 1]->design,
                                 ages_[record.parent - 1], evaluation.evidence.fits, evaluation.epochs);
}

// A slot is needed as far as bypassing it hurts and as its layers' responses are not redundant.
void Inquisitor::weigh_slots(const Design& centre) {
  slot_needs_.clear();
  const Record* record = experiment_.find(centre);
  if (!experiment_.config().evidence || record == nullptr || record->evaluation.evidence.slots.empty()) return;
  const auto& evidence = record->evaluation.evidence;
  double greatest = 1e-9, sum = 0;
  for (const auto& slot : evidence.slots) greatest = std::max(greatest, slot.bypass_loss_change);
  for (const auto& slot : evidence.slots) {
    double rank = 0;
    int layers = 0;
    for (const auto& layer : evidence.layers) {
      if (layer.slot != slot.slot) continue;
      rank += layer.effective_rank;
      ++layers;
    }
    const double need =
        std::sqrt(std::max(0.02, slot.bypass_loss_change / greatest)) * (0.5 + (layers > 0 ? rank / layers : 0.5));
    if (slot.slot >= static_cast<int>(slot_needs_.size())) slot_needs_.resize(slot.slot + 1, 0.0);
    slot_needs_[slot.slot] = need;
    sum += need;
  }
  for (double& need : slot_needs_) need *= static_cast<double>(evidence.slots.size()) / sum;
}

// Mean over slots of log10(width / widest possible), weighted by need; units: decades.
double Inquisitor::needed_capacity(const Design& design) const {
  if (slot_needs_.empty()) return 0;
  const auto& decisions = experiment_.space().decisions();
  std::vector<double> sums(slot_needs_.size()), counts(slot_needs_.size());
  for (int i = 0; i < static_cast<int>(decisions.size()); ++i) {
    const auto& decision = decisions[i];
    if (!decision.ordinal() || decision.slot < 0 || decision.slot >= static_cast<int>(sums.size())) continue;
    if (!experiment_.space().active(design, i) || decision.numbers[design[i]] <= 0) continue;
    sums[decision.slot] += std::log10(decision.numbers[design[i]] / decision.numbers.back());
    counts[decision.slot] += 1;
  }
  double total = 0;
  for (std::size_t slot = 0; slot < sums.size(); ++slot)
    total += slot_needs_[slot] * (counts[slot] > 0 ? sums[slot] / counts[slot] : absent);
  return total / static_cast<double>(sums.size());
}

double Inquisitor::required_accuracy() const {
  return std::min(experiment_.objective().required_accuracy(), 1.0);
}

// 0 at the required accuracy, rising with it; log odds.
double Inquisitor::transformed(double accuracy) const {
  const double value = log_odds(accuracy) - log_odds(required_accuracy());
  return value >= -knee ? value : -knee - knee * std::log(1 + (-knee - value) / knee);
}

double Inquisitor::accuracy_of(double value) const {
  if (value < -knee) value = -knee - knee * (std::exp((-knee - value) / knee) - 1);
  return accuracy_of_log_odds(value + log_odds(required_accuracy()));
}

void Inquisitor::learn(const Design& centre) {
  verdicts_.clear();
  weigh_slots(centre);
  if (!uses_model()) return;
  const auto& records = experiment_.records();
  for (std::size_t i = ages_.size(); i < records.size(); ++i) ages_.push_back(ages(*records[i]));
  const auto& space = experiment_.space();
  std::vector<std::pair<int, int>> nearest;
  for (const auto& record : experiment_.records())
    if (record->evaluation.outcome == evaluators::Outcome::trained)
      nearest.emplace_back(space.distance(record->design, centre), -record->id);
  std::sort(nearest.begin(), nearest.end());
  if (nearest.size() > training_set) nearest.resize(training_set);
  std::vector<Observation> observations;
  for (const auto& [distance, negative_id] : nearest) {
    const Record& record = *experiment_.records()[-negative_id - 1];
    const auto& evaluation = record.evaluation;
    // What counts is the lower bound that the indicator function sees.
    observations.push_back({record.design, features(record), transformed(record.accuracy_lower_bound),
                            log_odds_variance(evaluation.accuracy, evaluation.samples)});
  }
  if (!observations.empty()) model_.fit(observations);
}

bool Inquisitor::believes() const {
  return uses_model() && experiment_.objective().required_accuracy() > 0;
}

double Inquisitor::confidence(const Record& record) const {
  if (!believes()) return 1;
  const Prediction prediction = model_.predict(record.design, features(record));
  return normal_probability(prediction.mean / prediction.deviation);
}

// An epoch's time grows with the multiply-adds. Measuring and probing take about as long as one training. How many
// epochs: where the expected course from after one training to after full training, in doublings of epochs, crosses
// what is asked for.
double Inquisitor::effort(const Design& design, const Cost& cost, double mean_in_full) const {
  const TrainingEpochs epochs = experiment_.training_epochs();
  const Record* parent = experiment_.parent_of(design);
  const double once = parent != nullptr ? epochs.inherited : epochs.from_scratch;
  if (once <= 0) return 1;
  const double epoch = overhead + (1 - overhead) * static_cast<double>(cost.multiply_adds) /
                                      static_cast<double>(std::max<std::int64_t>(1, reference_.multiply_adds));
  if (epochs.full <= once || experiment_.objective().required_accuracy() <= 0) return epoch;
  const double age = training_age_.doublings(ages(design, parent, once));
  const double mean_once = model_.predict(design, features(design, cost, age)).mean;
  if (mean_once >= 0) return epoch;
  const double doublings = std::log2(epochs.full / once);
  const double rise = std::max(1e-9, mean_in_full - mean_once);
  const double needed = std::min(doublings, doublings * -mean_once / rise);
  return epoch * (1 + std::exp2(needed)) / 2;
}

Verdict Inquisitor::verdict(const Design& design) const {
  const Objective& objective = experiment_.objective();
  const std::uint64_t seed = experiment_.config().seed;
  Verdict result;
  result.luck = search_space::Random(search_space::stream_seed(seed, design, "tie")).uniform();
  if (const Record* record = experiment_.find(design)) {
    const double feasibility = record->feasible ? 1 : 0;
    return {record->performance,     feasibility, feasibility, record->evaluation.accuracy,
            record->evaluation.cost, true,        result.luck};
  }
  result.cost = experiment_.space().cost(design);
  const double age =
      uses_model()
          ? training_age_.doublings(ages(design, experiment_.parent_of(design), experiment_.training_epochs().full))
          : 0;
  const std::vector<double> known = features(design, result.cost, age);
  const double required = objective.required_accuracy();
  if (uses_model()) {
    const Prediction prediction = model_.predict(design, known);
    result.accuracy = accuracy_of(prediction.mean);
    result.effort = effort(design, result.cost, prediction.mean);
    result.feasibility = result.doubted = 1;
    if (required > 0) {
      const double wider = doubt * std::hypot(prediction.deviation, prediction.residual);
      result.feasibility = normal_probability(prediction.mean / prediction.deviation);
      result.doubted = normal_probability(prediction.mean / wider);
    }
  } else {
    // Without a model: chance, and the less likely the more is taken away.
    search_space::Random random(search_space::stream_seed(seed, design, "feasibility"));
    result.accuracy = required;
    result.doubted = result.feasibility = random.uniform() * std::pow(10, std::min(0.0, known[0] + known[1]));
  }
  if (!objective.cost_feasible(result.cost)) result.feasibility = result.doubted = 0;
  evaluators::Evaluation expected;
  expected.accuracy = std::max(result.accuracy, required);
  expected.cost = result.cost;
  result.performance = objective.performance(expected);
  return result;
}

const Verdict& Inquisitor::judge(const Design& design) {
  const auto found = verdicts_.find(design);
  if (found != verdicts_.end()) return found->second;
  return verdicts_.emplace(design, verdict(design)).first->second;
}

void Inquisitor::judge_all(const std::vector<Design>& designs) {
  std::vector<std::pair<const Design*, Verdict*>> open;
  for (const Design& design : designs) {
    const auto [entry, added] = verdicts_.try_emplace(design);
    if (added) open.emplace_back(&entry->first, &entry->second);
  }
  if (open.empty()) return;
  const auto judge_range = [&](const tbb::blocked_range<std::size_t>& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) *open[i].second = verdict(*open[i].first);
  };
  // More threads than cores would only wait: unlike training, judging never does anything else.
  tbb::task_arena arena(std::clamp(experiment_.config().jobs, 1, tbb::info::default_concurrency()));
  arena.execute([&] { tbb::parallel_for(tbb::blocked_range<std::size_t>(0, open.size(), 16), judge_range); });
}

}  // namespace synth::engine
