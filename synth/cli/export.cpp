// synth export: writes one network in a format that another tool reads.
#include "synth/export/export.h"
#include "synth/cli/files.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "evaluators/trained_evaluator.h"
#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/training_options.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

std::string format_list() {
  std::string text = "Formats:\n";
  for (const ExportFormat& format : export_formats())
    text += report::wrapped_text(fmt::format("  {:<14} {}\n", format.name, format.description), help_width(), 17);
  return text;
}

// Reads the file back. Empty if it says what the network is.
std::string difference_to_file(const ExportInput& input, const std::string& format, const std::string& path) {
  const std::string bytes = read_file(path);
  if (format == "architecture") {
    const auto read = search_space::architecture_from_json(nlohmann::json::parse(bytes), path);
    if (read.key() != input.architecture.key()) return "the file describes another network";
  }
  if (format == "weights") evaluators::check_weights(input.architecture, bytes, path);
  return bytes == export_bytes(input, format) ? "" : "the file's bytes differ from the network's";
}

}  // namespace

int run_export(const Command& self, const std::vector<std::string>& arguments) {
  std::string network_text, format, out, weights_file;
  bool verify = false, overwrite = false;
  CommandLine line(self);
  line.positional("NETWORK", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &network_text);
  line.add_options()                                                                                          //
      ("format", po::value(&format)->required()->value_name("FORMAT"), "see below")                           //
      ("out", po::value(&out)->required()->value_name("PATH"), "file to write")                               //
      ("weights", po::value(&weights_file)->value_name("FILE"), "safetensors; default: those the run keeps")  //
      ("verify", po::bool_switch(&verify), "read the file back and compare")                                  //
      ("overwrite", po::bool_switch(&overwrite), "replace an existing file");
  line.notes(format_list());
  if (!line.parse(arguments)) return Exit::done;
  std::vector<std::string> known;
  const ExportFormat* chosen = nullptr;
  for (const ExportFormat& candidate : export_formats()) {
    known.push_back(candidate.name);
    if (candidate.name == format) chosen = &candidate;
  }
  if (chosen == nullptr) {
    throw search_space::InputError("synth export: --format: unknown format '" + format + "'" +
                                   search_space::suggestion(format, known));
  }
  Console console(line.common());
  NetworkArgument network = resolve_network(network_text, chosen->needs_weights && weights_file.empty());
  if (!weights_file.empty()) {
    network.weights = read_file(weights_file);
    evaluators::check_weights(network.architecture, *network.weights, weights_file);
  }
  const ExportInput input{network.name, network.architecture, network.weights};
  export_network(input, format, out, overwrite);
  if (verify) {
    if (const std::string difference = difference_to_file(input, format, out); !difference.empty()) {
      console.warn(fmt::format("synth: {}: {}", out, difference));
      return Exit::verification_failed;
    }
  }
  if (line.common().json) {
    print_json({{"schema", "synth/export/1"},
                {"format", format},
                {"file", out},
                {"key", network.architecture.key()},
                {"verified", verify}});
  } else {
    console.note(fmt::format("wrote {}{}", out, verify ? ", verified" : ""));
  }
  return Exit::done;
}

}  // namespace synth::cli
