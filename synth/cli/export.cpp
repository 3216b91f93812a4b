// synth export: writes one network in a format that another tool reads.
#include "synth/export/export.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "evaluators/integer_conversion.h"
#include "evaluators/trained_evaluator.h"
#include "results_db/address.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/files.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/run_context.h"
#include "synth/cli/search_run.h"
#include "synth/cli/training_options.h"
#include "synth/cli/version.h"
#include "synth/export/file_output.h"
#include "synth/report/lineage.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

std::string format_names() {
  std::string names;
  for (const ExportFormat& format : export_formats()) names += (names.empty() ? "" : " | ") + format.name;
  return names;
}

std::string format_list() {
  std::string text = "Formats:\n";
  for (const ExportFormat& format : export_formats())
    text += report::wrapped_text(fmt::format("  {:<14} {}\n", format.name, format.description), help_width(), 17);
  return text + report::wrapped_text(
                    "\nInteger formats choose the ranges of activations on the training images of --data, and are "
                    "verified on its test images.\n",
                    help_width(), 0);
}

struct ExportOptions {
  std::string network, format, out, weights;
  std::string data;       // empty: the run's, else the default
  std::int64_t seed = 1;  // of its split
  bool verify = false, overwrite = false;
};

// What the run knows, for formats that can tell it on.
std::map<std::string, std::string> facts_of(const NetworkArgument& network) {
  const auto cost = search_space::cost_of(search_space::lower(network.architecture));
  std::map<std::string, std::string> facts = {{"key", network.architecture.key()},
                                              {"generator", fmt::format("synth {}", program_version)},
                                              {"parameters", std::to_string(cost.parameters())},
                                              {"multiply-adds", std::to_string(cost.multiply_adds)}};
  if (network.data) {
    facts["data"] = network.data->spec;
    facts["requirements"] = network.data->requirements;
  }
  if (network.record) facts["validation accuracy"] = fmt::format("{:.4f}", network.record->evaluation.accuracy);
  if (network.test_accuracy) facts["test accuracy"] = fmt::format("{:.4f}", *network.test_accuracy);
  return facts;
}

// Images, the network fitted to them, and the integer network where the format needs it and weights are there.
void add_data(const ExportFormat& format, const ExportOptions& options, const NetworkArgument& network,
              Console& console, ExportInput& input) {
  const auto spec = evaluators::parse_data_spec(options.data);
  const auto data =
      std::make_shared<evaluators::DataSet>(evaluators::load_data(spec, static_cast<std::uint64_t>(options.seed)));
  console.note(describe_data(*data));
  input.architecture = fit_to_data(network.architecture, options.network, *data);
  input.facts["key"] = input.architecture.key();
  input.facts["data"] = evaluators::data_spec_text(spec);
  input.facts["data fingerprint"] = data->fingerprint;
  input.facts["input mean"] = fmt::format("{}", fmt::join(data->mean, ", "));
  input.facts["input deviation"] = fmt::format("{}", fmt::join(data->deviation, ", "));
  input.data = data;
  if (format.needs == Needs::integers && input.weights && !input.weights->empty())
    input.integers = evaluators::integer_network(input.architecture, *input.weights,
                                                 options.weights.empty() ? options.network : options.weights, *data);
}

// How its run came to it.
std::optional<std::string> lineage_of(const NetworkArgument& network, const std::string& text) {
  if (!network.record) return std::nullopt;
  RunContext context = open_run(text.substr(0, results_db::network_mark(text)), results_db::Access::read);
  return report::ancestry_json(context.view(), network.record->id).dump(2) + "\n";
}

ExportInput export_input(const ExportFormat& format, ExportOptions& options, bool seed_given, Console& console) {
  NetworkArgument network = resolve_network(options.network, format.needs != Needs::nothing && options.weights.empty());
  if (!options.weights.empty()) network.weights = read_file(options.weights);
  if (network.data && options.data.empty()) options.data = network.data->spec;
  if (network.data && !seed_given) options.seed = network.data->seed;
  // Formats that are verified on images also say how these are normalised, where it is known on what data.
  const bool wants_data = format.verifies_on_images && (options.verify || !options.data.empty());
  if (options.data.empty()) options.data = TrainingOptions{}.data;
  ExportInput input{network.name, network.architecture, network.weights};
  input.facts = facts_of(network);
  if (format.tells_lineage) input.lineage = lineage_of(network, options.network);
  if (format.needs == Needs::integers || wants_data) add_data(format, options, network, console, input);
  if (!options.weights.empty()) evaluators::check_weights(input.architecture, *input.weights, options.weights);
  return input;
}

void say(const CommandLine& line, Console& console, const ExportOptions& options, const ExportInput& input,
         const std::vector<ExportFile>& files, const Verification& verification) {
  if (line.common().json) {
    nlohmann::ordered_json json = {{"schema", "synth/export/1"},
                                   {"format", options.format},
                                   {"file", options.out},
                                   {"files", nlohmann::ordered_json::array()},
                                   {"key", input.architecture.key()},
                                   {"verified", options.verify && verification.passed}};
    for (const ExportFile& file : files) json["files"].push_back(file.path);
    if (options.verify) json["verification"] = verification.statement;
    print_json(json);
  }
  std::string names;
  for (const ExportFile& file : files) names += (names.empty() ? "" : ", ") + file.path;
  if (!line.common().json)
    console.note(fmt::format("wrote {}{}", names,
                             options.verify && verification.passed ? ", verified: " + verification.statement : ""));
  if (options.verify && !verification.passed)
    console.warn(fmt::format("synth: {}: verification failed: {}", options.out, verification.statement));
}

}  // namespace

int run_export(const Command& self, const std::vector<std::string>& arguments) {
  ExportOptions options;
  CommandLine line(self);
  line.positional("NETWORK", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &options.network);
  line.add_options()                                                                                             //
      ("format", po::value(&options.format)->required()->value_name("FORMAT"), format_names().c_str())           //
      ("out", po::value(&options.out)->required()->value_name("PATH"), "file to write")                          //
      ("weights", po::value(&options.weights)->value_name("FILE"), "safetensors; default: those the run keeps")  //
      ("data", po::value(&options.data)->value_name("DATA"), "default: the run's, else shapes")                  //
      ("seed", po::value(&options.seed)->value_name("N"), "of the data's split; default: the run's, else 1")     //
      ("verify", po::bool_switch(&options.verify), "run or read back what was written, and compare")             //
      ("overwrite", po::bool_switch(&options.overwrite), "replace an existing file");
  line.notes(format_list());
  if (!line.parse(arguments)) return Exit::done;
  const ExportFormat& format = find_export_format(options.format);
  if (options.seed < 0)
    throw search_space::InputError(fmt::format("--seed: found {}, allowed is 0 or more", options.seed));
  Console console(line.common());
  const ExportInput input = export_input(format, options, line.given("seed"), console);
  const auto files = export_files(input, format, options.out);
  write_files(files, options.overwrite);
  const Verification verification = options.verify ? format.verify(input, options.out) : Verification{};
  say(line, console, options, input, files, verification);
  return options.verify && !verification.passed ? Exit::verification_failed : Exit::done;
}

}  // namespace synth::cli
