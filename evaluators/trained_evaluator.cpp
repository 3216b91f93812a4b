// The evaluator of real searches: decode, inherit, train, quantise, measure, probe.
#include "evaluators/trained_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluators/batches.h"
#include "evaluators/device.h"
#include "evaluators/fitting.h"
#include "evaluators/inheritance.h"
#include "evaluators/integer_conversion.h"
#include "evaluators/integer_execution.h"
#include "evaluators/measuring.h"
#include "evaluators/phase.h"
#include "evaluators/probe.h"
#include "evaluators/weights.h"
#include "search_space/lowering.h"
#include "search_space/random.h"

namespace evaluators {

using search_space::lower;
using search_space::SearchSpace;
using search_space::stream_seed;

namespace {

class TrainedEvaluator : public Evaluator {
 public:
  TrainedEvaluator(const SearchSpace& space, const DataSet& data, const TrainedEvaluatorSettings& settings)
      : space_(space), data_(data), settings_(settings), device_(parse_device(settings.device)) {
    precision_of(settings);
  }

  std::string name() const override { return "trained"; }
  std::string settings_key() const override;
  TrainingEpochs training() const override {
    return {settings_.epochs, settings_.tune_epochs, settings_.full_epochs, settings_.fit_epochs > 0};
  }
  Evaluation evaluate(const Request& request) const override {
    return guarded([&](Evaluation& result) { run(request, result); });
  }

 private:
  void run(const Request& request, Evaluation& result) const;
  void train_while_it_pays(Network& network, const Request& request, Evaluation& result) const;
  std::vector<FitEvidence> begin_as_child(Network& network, const Request& request) const;

  const SearchSpace& space_;
  const DataSet& data_;
  TrainedEvaluatorSettings settings_;
  torch::Device device_;
};

std::string TrainedEvaluator::settings_key() const {
  const TrainedEvaluatorSettings& s = settings_;
  return fmt::format(
      "trained/"
      "2;data={};epochs={};tune_epochs={};fit_epochs={};full_epochs={};batch_size={};learning_rate={};tune_learning_"
      "rate={};weight_bits={};"
      "activation_bits={};bf16={};probe={};measure_latency={};time_limit_seconds={};device={}",
      data_.fingerprint, s.epochs, s.tune_epochs, s.fit_epochs, s.full_epochs, s.batch_size, s.learning_rate,
      s.tune_learning_rate, s.weight_bits, s.activation_bits, s.bf16, s.probe, s.measure_latency, s.time_limit_seconds,
      s.device);
}

void TrainedEvaluator::run(const Request& request, Evaluation& result) const {
  const OwnStream stream(device_);
  const search_space::Graph graph = lower(space_.decode(request.design));
  result.cost = search_space::cost_of(graph);
  set_phase("building");
  Network network(graph, stream_seed(request.seed, request.key, "initialisation"), device_);
  std::vector<FitEvidence> fits;
  if (request.parent) fits = begin_as_child(network, request);
  train_while_it_pays(network, request, result);
  set_phase("probing");
  if (result.outcome == Outcome::trained && settings_.probe) result.evidence = probe(network, data_);
  result.evidence.fits = std::move(fits);
}

// One training; then, while the network misses what is asked for and may yet reach it, from the weights that it has, as
// much longer as that is expected to take, but two to four times as long in all. What would be left for a last, shorter
// training is added to the one before. Log odds that a doubling gains are about the same from one to the next, so the
// last gain, and somewhat more, times the doublings that are left says what there is to hope for.
void TrainedEvaluator::train_while_it_pays(Network& network, const Request& request, Evaluation& result) const {
  constexpr double first_gain = 0.35, least_gain = 0.1, hope = 1.25;  // log odds a doubling; a factor
  constexpr double most_doublings = 2;                                // from one measurement to the next
  const double full = request.margin ? settings_.full_epochs : 0;
  TrainingSettings settings = training_settings(settings_, request.parent != nullptr);
  if (request.brief) settings.epochs = settings_.tune_epochs;
  double gain = first_gain, margin_before = 0, epochs_before = 0;
  for (;;) {
    set_phase("training");
    const std::string stream = result.epochs == 0 ? "training" : fmt::format("training after {} epochs", result.epochs);
    const TrainingResult training =
        train(network, data_, settings, stream_seed(request.seed, request.key, stream), request.progress, request.stop);
    result.outcome = training.outcome;
    result.message = training.message;
    if (result.outcome != Outcome::trained) return;
    result.epochs += settings.epochs;
    set_phase("measuring");
    measure(network, data_, settings_, result);
    if (result.outcome != Outcome::trained || result.epochs >= full) return;
    const double margin = request.margin(result.accuracy, result.samples);
    if (epochs_before > 0)
      gain = std::max(least_gain, hope * (margin - margin_before) / std::log2(result.epochs / epochs_before));
    if (margin >= 0 || margin + gain * std::log2(full / result.epochs) < 0) return;
    margin_before = margin;
    epochs_before = result.epochs;
    const double needed = result.epochs * std::exp2(std::clamp(-margin / gain, 1.0, most_doublings));
    const double total = 2 * needed - result.epochs > full ? full : needed;
    settings = training_on(settings_, total - result.epochs, total);
  }
}

// Inherits from the parent, and fits what is fresh to it. How well that went, by slot.
std::vector<FitEvidence> TrainedEvaluator::begin_as_child(Network& network, const Request& request) const {
  Network parent(lower(space_.decode(request.parent->design)), /*seed=*/0, device_);
  load_weights(parent, request.parent->weights, "weights of network " + request.parent->key);
  const Inherited inherited = inherit(network, parent.graph(), parent.named_tensors(), request.parent->evidence);
  if (inherited.fresh.empty() || settings_.fit_epochs <= 0) return {};
  set_phase("fitting");
  FitSettings settings;
  settings.epochs = settings_.fit_epochs;
  settings.bf16 = settings_.bf16;
  return fit(network, parent, inherited.fresh, data_, settings, stream_seed(request.seed, request.key, "fit"),
             request.stop);
}

}  // namespace

std::unique_ptr<Evaluator> make_trained_evaluator(const SearchSpace& space, const DataSet& data,
                                                  const TrainedEvaluatorSettings& settings) {
  return std::make_unique<TrainedEvaluator>(space, data, settings);
}

namespace {

// The precision that family members are judged at: 8-bit weights at least.
Precision integer_precision(const TrainedEvaluatorSettings& settings) {
  return {8, precision_of(settings).activation_bits};
}

// The network as it is exported; on the processor, wherever it was trained.
IntegerNetwork integer_copy(const Network& network, const DataSet& data, const std::string& weights) {
  Network copy(network.graph(), /*seed=*/0);
  load_weights(copy, weights);
  return integer_network(copy, data);
}

void measure_fully(const Network& network, const DataSet& data, const TrainedEvaluatorSettings& settings,
                   FullResult& result, Evaluation& evaluation) {
  measure(network, data, settings, evaluation);
  if (evaluation.outcome != Outcome::trained) return;
  const FoldedNetwork folded(network);
  const Precision integer = integer_precision(settings);
  const auto float_logits = [&folded](const torch::Tensor& batch) { return folded.forward(batch); };
  result.test_predictions = predictions(float_logits, data.test, data, network.device());
  if (integer.activation_bits == 8) {
    const IntegerExecution deployed(integer_copy(network, data, evaluation.weights));
    result.int8_accuracy = fraction_right(deployed.predictions(data.validation, data), data.validation);
    if (precision_of(settings) == integer) evaluation.accuracy = result.int8_accuracy;
    result.int8_test_predictions = deployed.predictions(data.test, data);
  } else {
    const QuantisedNetwork quantised(network, integer, data);
    const auto integer_logits = [&quantised](const torch::Tensor& batch) { return quantised.forward(batch); };
    result.int8_accuracy = precision_of(settings) == integer
                               ? evaluation.accuracy
                               : accuracy(integer_logits, data.validation, data, network.device());
    result.int8_test_predictions = predictions(integer_logits, data.test, data, network.device());
  }
  result.test_accuracy = fraction_right(result.test_predictions, data.test);
  result.int8_test_accuracy = fraction_right(result.int8_test_predictions, data.test);
}

}  // namespace

FullResult train_fully(const search_space::Architecture& architecture, const DataSet& data,
                       const TrainedEvaluatorSettings& settings, const std::string& initial_weights,
                       const Request& request) {
  const torch::Device device = parse_device(settings.device);
  const OwnStream stream(device);
  Network network(lower(architecture), stream_seed(request.seed, request.key, "initialisation"), device);
  if (!initial_weights.empty()) load_weights(network, initial_weights);
  FullResult result;
  result.evaluation = guarded([&](Evaluation& evaluation) {
    set_phase("training");
    const TrainingResult training =
        train(network, data, training_settings(settings, /*tuning=*/false),
              stream_seed(request.seed, request.key, "training"), request.progress, request.stop);
    evaluation.outcome = training.outcome;
    evaluation.message = training.message;
    set_phase("measuring");
    if (training.outcome == Outcome::trained) measure_fully(network, data, settings, result, evaluation);
  });
  return result;
}

FullResult evaluate_weights(const search_space::Architecture& architecture, const DataSet& data,
                            const TrainedEvaluatorSettings& settings, const std::string& weights) {
  Network network(lower(architecture), /*seed=*/0, parse_device(settings.device));
  load_weights(network, weights);
  FullResult result;
  result.evaluation =
      guarded([&](Evaluation& evaluation) { measure_fully(network, data, settings, result, evaluation); });
  return result;
}

bool trains_in_bf16(const TrainedEvaluatorSettings& settings) {
  return settings.bf16 && (!parse_device(settings.device).is_cpu() || cpu_has_bf16());
}

void check_weights(const search_space::Architecture& architecture, const std::string& weights,
                   const std::string& source) {
  Network network(lower(architecture), /*seed=*/0);
  load_weights(network, weights, source);
}

}  // namespace evaluators
