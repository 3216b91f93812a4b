// The evaluator of real searches: decode, inherit, train, quantise, measure, probe.
#include "evaluators/trained_evaluator.h"

#include <fmt/format.h>

#include "evaluators/batches.h"
#include "evaluators/inheritance.h"
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
  double epochs(bool inherits) const override { return inherits ? settings_.tune_epochs : settings_.epochs; }
  Evaluation evaluate(const Request& request) const override {
    return guarded([&](Evaluation& result) { run(request, result); });
  }

 private:
  void run(const Request& request, Evaluation& result) const;

  const SearchSpace& space_;
  const DataSet& data_;
  TrainedEvaluatorSettings settings_;
  torch::Device device_;
};

std::string TrainedEvaluator::settings_key() const {
  const TrainedEvaluatorSettings& s = settings_;
  return fmt::format(
      "trained/1;data={};epochs={};tune_epochs={};batch_size={};learning_rate={};tune_learning_rate={};weight_bits={};"
      "activation_bits={};bf16={};probe={};measure_latency={};time_limit_seconds={};device={}",
      data_.fingerprint, s.epochs, s.tune_epochs, s.batch_size, s.learning_rate, s.tune_learning_rate, s.weight_bits,
      s.activation_bits, s.bf16, s.probe, s.measure_latency, s.time_limit_seconds, s.device);
}

void TrainedEvaluator::run(const Request& request, Evaluation& result) const {
  const search_space::Graph graph = lower(space_.decode(request.design));
  result.cost = search_space::cost_of(graph);
  set_phase("building");
  Network network(graph, stream_seed(request.seed, request.key, "initialisation"), device_);
  if (request.parent) {
    inherit(network, lower(space_.decode(request.parent->design)),
            from_safetensors(request.parent->weights, "weights of network " + request.parent->key),
            request.parent->evidence);
  }
  set_phase("training");
  const TrainingResult training =
      train(network, data_, training_settings(settings_, request.parent != nullptr),
            stream_seed(request.seed, request.key, "training"), request.progress, request.stop);
  result.outcome = training.outcome;
  result.message = training.message;
  if (result.outcome != Outcome::trained) return;
  set_phase("measuring");
  measure(network, data_, settings_, result);
  set_phase("probing");
  if (result.outcome == Outcome::trained && settings_.probe) result.evidence = probe(network, data_);
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

void measure_fully(const Network& network, const DataSet& data, const TrainedEvaluatorSettings& settings,
                   FullResult& result, Evaluation& evaluation) {
  measure(network, data, settings, evaluation);
  if (evaluation.outcome != Outcome::trained) return;
  const FoldedNetwork folded(network);
  const Precision integer = integer_precision(settings);
  const QuantisedNetwork quantised(network, integer, data);
  const auto float_logits = [&folded](const torch::Tensor& batch) { return folded.forward(batch); };
  const auto integer_logits = [&quantised](const torch::Tensor& batch) { return quantised.forward(batch); };
  result.int8_accuracy = precision_of(settings) == integer
                             ? evaluation.accuracy
                             : accuracy(integer_logits, data.validation, data, network.device());
  result.test_accuracy = accuracy(float_logits, data.test, data, network.device());
  result.int8_test_accuracy = accuracy(integer_logits, data.test, data, network.device());
}

}  // namespace

FullResult train_fully(const search_space::Architecture& architecture, const DataSet& data,
                       const TrainedEvaluatorSettings& settings, const std::string& initial_weights,
                       const Request& request) {
  const torch::Device device = parse_device(settings.device);
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
