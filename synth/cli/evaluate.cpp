// synth evaluate: measures one trained network, float and int8.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/console.h"
#include "synth/cli/detector_task.h"
#include "synth/cli/files.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/search_run.h"
#include "synth/cli/training_options.h"
#include "synth/engine/objective.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

void check_measurement(const std::string& split, double confidence, int activation_bits) {
  if (split != "test" && split != "validation") {
    throw search_space::InputError("synth evaluate: --split: found '" + split + "', allowed are test, validation");
  }
  if (!(confidence >= 0.5 && confidence < 1)) {
    throw search_space::InputError(
        fmt::format("synth evaluate: --confidence: found {}, allowed is 0.5 to below 1", confidence));
  }
  if (activation_bits != 8 && activation_bits != 32) {
    throw search_space::InputError(
        fmt::format("synth evaluate: --activation-bits: found {}, allowed are 8, 32", activation_bits));
  }
}

}  // namespace

int run_evaluate(const Command& self, const std::vector<std::string>& arguments) {
  std::string network_text, weights_file, split;
  double confidence = 0.9;
  TrainingOptions options;
  CommandLine line(self);
  line.positional("NETWORK",
                  "built-in name with options, .json file, RUN#ID or RUN@G2:s3; or a detector's weights (.safetensors)",
                  &network_text);
  declare_data_options(line, options);
  line.add_options()                                                                                          //
      ("weights", po::value(&weights_file)->value_name("FILE"), "safetensors; default: those the run keeps")  //
      ("split", po::value(&split)->default_value("test")->value_name("NAME"), "test | validation")            //
      ("activation-bits", po::value(&options.settings.activation_bits)->default_value(32)->value_name("N"),
       "of the int8 measurement: 8 | 32")  //
      ("confidence", po::value(&confidence)->default_value(0.9, "0.9")->value_name("P"), "level of the lower bound");
  line.notes(
      "A run's networks are measured on the run's data, split as the search did, unless told otherwise. A "
      "detector ('synth train --task mask-rcnn') is measured by COCO's average precision, on what it was trained on "
      "unless --data names others.");
  if (!line.parse(arguments)) return Exit::done;
  check_training_options(options);
  check_measurement(split, confidence, options.settings.activation_bits);
  if (names_weights(network_text)) return evaluate_detector(line, network_text, options, split);
  Console console(line.common());
  const NetworkArgument network = resolve_network(network_text, weights_file.empty());
  if (weights_file.empty() && !network.weights) {
    throw search_space::InputError(fmt::format(
        "{}: has no weights to measure; give --weights FILE (from 'synth train' or 'synth export')", network_text));
  }
  if (network.data && !line.given("data")) options.data = network.data->spec;
  if (network.data && !line.given("seed")) options.seed = network.data->seed;
  const std::string weights = weights_file.empty() ? *network.weights : read_file(weights_file);
  const auto data =
      evaluators::load_data(evaluators::parse_data_spec(options.data), static_cast<std::uint64_t>(options.seed));
  console.note(describe_data(data));
  options.settings.weight_bits = 8;
  const auto architecture = fit_to_data(network.architecture, network_text, data);
  const auto result = evaluators::evaluate_weights(architecture, data, options.settings, weights);
  const bool test = split == "test";
  const double accuracy = test ? result.test_accuracy : result.evaluation.float_accuracy;
  const double int8_accuracy = test ? result.int8_test_accuracy : result.int8_accuracy;
  const int samples = test ? data.test.size() : data.validation.size();
  const double bound = engine::wilson_lower_bound(int8_accuracy, samples, confidence);
  if (line.common().json) {
    print_json({{"schema", "synth/evaluate/1"},
                {"accuracy", accuracy},
                {"int8_accuracy", int8_accuracy},
                {"samples", samples},
                {"accuracy_lower_bound", bound},
                {"split", split},
                {"confidence", confidence}});
  } else {
    std::puts(fmt::format("{} split, {} images: accuracy {}, int8 {} (at least {} at confidence {})", split, samples,
                          report::format_percent(accuracy), report::format_percent(int8_accuracy),
                          report::format_percent(bound), confidence)
                  .c_str());
  }
  return Exit::done;
}

}  // namespace synth::cli
