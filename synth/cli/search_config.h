// The options of a search: one table from which the command line, the JSON configuration and the stored run derive.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "evaluators/trained_evaluator.h"
#include "synth/cli/common_options.h"
#include "synth/engine/experiment.h"
#include "synth/engine/objective.h"

namespace synth::cli {

struct SearchOptions {
  std::string prototype = "residual9";
  std::string data = "shapes";
  std::string require = "accuracy>=prototype-2%,weight_bits=8";
  std::string db = "synth-run.db";
  std::string algorithm = "generative-synthesis";
  std::int64_t seed = 1;
  int seeds = 4;
  int generators = 0;
  int evaluations = 0;
  std::string time;
  int at_once = 2;
  int jobs = 0;
  std::string device = "cpu";
  double alpha = 2, beta = 0.5, gamma = 0.5;
  double confidence = 0.9;
  double epochs = 0, tune_epochs = 0;
  int batch_size = evaluators::TrainedEvaluatorSettings{}.batch_size;
  double learning_rate = evaluators::TrainedEvaluatorSettings{}.learning_rate;
  double tune_learning_rate = evaluators::TrainedEvaluatorSettings{}.tune_learning_rate;
  std::string candidate_time;
  std::string judge = "full";
  std::string evaluator = "trained";
  bool no_bf16 = false, no_fit = false, no_kinds = false;
  bool no_inheritance = false, no_evidence = false, no_trust_region = false, no_model = false;
};

// Full training of a family's members, unless said otherwise: a multiple of what the search spends on a network from
// scratch.
inline constexpr double full_training = 5;
// Passes of a fit, as a fraction of those of the tuning that follows: each costs more than one of tuning.
inline constexpr double fitting = 0.1;

// Adds every option of the table, and --config FILE.json.
void declare_search_options(CommandLine& line);
// Defaults, overridden by the --config file, overridden by the command line; validated.
SearchOptions gather_search_options(const CommandLine& line);

// Training lengths that were left open, from the number of training images: small data sets need more passes.
void fill_in_epochs(SearchOptions& options, int training_images);

// Every option as a key, '-' written as '_'.
nlohmann::ordered_json search_options_to_json(const SearchOptions& options);
// Missing keys keep their defaults. InputError for unknown keys (with a suggestion), wrong types and values; `source`
// is the file or database.
SearchOptions search_options_from_json(const nlohmann::json& json, const std::string& source);

// What the options mean to the engine, the objective and the evaluator.
engine::Config engine_config(const SearchOptions& options);
engine::Objective make_objective(const SearchOptions& options);
evaluators::TrainedEvaluatorSettings evaluator_settings(const SearchOptions& options);

}  // namespace synth::cli
