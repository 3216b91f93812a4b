// Options of the commands that train one network in full: train, evaluate, family.
#pragma once

#include <cstdint>
#include <string>

#include "evaluators/data/dataset.h"
#include "evaluators/trained_evaluator.h"
#include "search_space/architecture.h"
#include "synth/cli/common_options.h"

namespace synth::cli {

struct TrainingOptions {
  std::string data = "shapes";
  std::int64_t seed = 1;
  evaluators::TrainedEvaluatorSettings settings{.epochs = 15};
  bool no_bf16 = false;
};

void declare_data_options(CommandLine& line, TrainingOptions& options);      // --data, --seed, --device
void declare_training_options(CommandLine& line, TrainingOptions& options);  // and --epochs, --batch-size, ...
void check_training_options(TrainingOptions& options);                       // after parsing; InputError

// The network that NETWORK means, fitted to the data where it is a built-in one whose options left that open.
// InputError where images or classes do not fit.
search_space::Architecture fit_to_data(const search_space::Architecture& architecture, const std::string& network_text,
                                       const evaluators::DataSet& data);

// "epoch 3.2 of 15, accuracy so far 88.1 %", at most every few seconds, or redrawn in place on a terminal.
std::function<void(const evaluators::Progress&)> progress_printer(const std::string& what, bool quiet);

}  // namespace synth::cli
