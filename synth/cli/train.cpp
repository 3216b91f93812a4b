// synth train: trains one network in full and writes its weights.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/cli/console.h"
#include "synth/cli/detector_task.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/search_run.h"
#include "synth/cli/training_options.h"
#include "synth/engine/objective.h"
#include "synth/export/file_output.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// Before minutes of training: the folder must be there and the file must not.
void check_output(const std::string& path, bool overwrite) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    throw search_space::EnvironmentError(fmt::format("--out {}: there is no folder {}", path, folder.string()));
  }
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
    throw search_space::InputError(fmt::format("--out {}: is no regular file; name another", path));
  }
  if (!overwrite && std::filesystem::exists(path)) {
    throw search_space::InputError(fmt::format("--out {}: exists already; --overwrite replaces it", path));
  }
}

}  // namespace

int run_train(const Command& self, const std::vector<std::string>& arguments) {
  std::string network_text, out;
  bool overwrite = false;
  TrainingOptions options;
  DetectorOptions detector;
  CommandLine line(self);
  line.positional("NETWORK", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &network_text);
  declare_training_options(line, options);
  declare_detector_options(line, detector);
  line.add_options()("out", po::value(&out)->required()->value_name("FILE"), "weights to write, safetensors")  //
      ("overwrite", po::bool_switch(&overwrite), "replace an existing file");
  line.notes(
      "For --task mask-rcnn DATA is shapes-detection (the default), instances:DIR or coco:DIR; the batch size is 8 and "
      "the learning rate 0.02 unless given, and Ctrl-C writes the best weights so far.");
  if (!line.parse(arguments)) return Exit::done;
  check_training_options(options);
  const bool objects = trains_detector(line, detector);
  check_output(out, overwrite);
  if (objects) return train_detector(line, network_text, options, detector, out, overwrite);
  Console console(line.common());
  const NetworkArgument network = resolve_network(network_text);
  const auto data =
      evaluators::load_data(evaluators::parse_data_spec(options.data), static_cast<std::uint64_t>(options.seed));
  console.note(describe_data(data));
  const auto architecture = fit_to_data(network.architecture, network_text, data);
  const Interrupt& interrupt = watch_for_interrupt(true);
  evaluators::Request request;
  request.key = architecture.key();
  request.seed = search_space::stream_seed(static_cast<std::uint64_t>(options.seed), request.key, "training");
  request.progress = progress_printer(network.name, console.quiet());
  request.stop = &interrupt.stop;  // a lone training has nothing to finish and record
  evaluators::FullResult result;
  try {
    result = evaluators::train_fully(architecture, data, options.settings, {}, request);
  } catch (const evaluators::Stopped&) {
    console.note("interrupted; nothing was written");
    return Exit::interrupted;
  }
  if (result.evaluation.outcome != evaluators::Outcome::trained) {
    throw search_space::EnvironmentError(fmt::format(
        "{}: {}: {}", network.name, evaluators::outcome_name(result.evaluation.outcome), result.evaluation.message));
  }
  write_file(out, result.evaluation.weights, overwrite);
  if (line.common().json) {
    print_json({{"schema", "synth/train/1"},
                {"key", request.key},
                {"accuracy", result.evaluation.float_accuracy},
                {"int8_accuracy", result.int8_accuracy},
                {"samples", data.validation.size()},
                {"parameters", result.evaluation.cost.parameters()},
                {"multiply_adds", result.evaluation.cost.multiply_adds},
                {"seconds", result.evaluation.seconds},
                {"weights", out}});
  } else {
    if (is_terminal(stderr) && !console.quiet()) std::fputs("\n", stderr);
    std::puts(fmt::format("validation accuracy {}, int8 {}; weights in {}",
                          report::format_percent(result.evaluation.float_accuracy),
                          report::format_percent(result.int8_accuracy), out)
                  .c_str());
  }
  return Exit::done;
}

}  // namespace synth::cli
