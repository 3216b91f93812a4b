// Trains each candidate (inheriting where there is a parent), quantises it, measures it on the validation split, probes
// it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/evaluator.h"
#include "search_space/search_space.h"

namespace evaluators {

// The defaults suit searches of half an hour on two cores: on Fashion-MNIST 80-100 s for residual9, 10-20 s per child.
struct TrainedEvaluatorSettings {
  double epochs = 3;       // from scratch
  double tune_epochs = 1;  // after inheriting
  double fit_epochs = 0;   // of fresh modules to what they replace, before tuning; 0 = not fitted
  double full_epochs = 0;  // a network that misses what a request asks for is trained on up to so many; 0 = it is not
  int batch_size = 128;
  double learning_rate = 0.2;
  double tune_learning_rate = 0.1;
  int weight_bits = 32;  // precision at which the accuracy is measured
  int activation_bits = 32;
  bool bf16 = true;
  bool probe = true;              // collect evidence
  bool measure_latency = false;   // of one image through the folded float network: least of several runs
  double time_limit_seconds = 0;  // per candidate
  std::string device = "cpu";     // "cpu", "cuda", "cuda:N"
};

// `space` and `data` must outlive the evaluator. InputError for an unknown device or precision.
std::unique_ptr<Evaluator> make_trained_evaluator(const search_space::SearchSpace& space, const DataSet& data,
                                                  const TrainedEvaluatorSettings& settings);

// Full training, measured float and int8 on validation and test: `synth train`, `synth evaluate`, `synth family`.
struct FullResult {
  Evaluation evaluation;          // validation figures, weights; no evidence
  double test_accuracy = 0;       // float
  double int8_test_accuracy = 0;  // at the settings' precision, 8-bit weights at least
  double int8_accuracy = 0;       // validation, likewise
  std::vector<std::int32_t> test_predictions, int8_test_predictions;  // the class seen in each test image
};
// Trains for settings.epochs at settings.learning_rate, from `initial_weights` (safetensors of the same architecture)
// if not empty. Of the request only key, seed, progress and stop are used. As in a search, a failure is an Outcome.
FullResult train_fully(const search_space::Architecture& architecture, const DataSet& data,
                       const TrainedEvaluatorSettings& settings, const std::string& initial_weights,
                       const Request& request);
// InputError naming the tensor if the weights are not those of this architecture.
FullResult evaluate_weights(const search_space::Architecture& architecture, const DataSet& data,
                            const TrainedEvaluatorSettings& settings, const std::string& weights);

// InputError naming `source` and the tensor if the weights are not those of this architecture.
void check_weights(const search_space::Architecture& architecture, const std::string& weights,
                   const std::string& source);

// Process-wide set-up before the first tensor: malloc tuning, one intra-op thread, BLAS threads. Call once at start of
// main.
void tune_process();
std::string libtorch_version();
// Whether these settings train in bfloat16 on this machine.
bool trains_in_bf16(const TrainedEvaluatorSettings& settings);

}  // namespace evaluators
