// synth export: writes one network in a format that another tool reads.
#include "synth/export/export.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/export_input.h"
#include "synth/cli/json_output.h"
#include "synth/export/file_output.h"
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
  std::string format, out;
  ExportSource source;
  bool verify = false, overwrite = false;
};

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
  line.positional("NETWORK", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &options.source.network);
  line.add_options()                                                                                    //
      ("format", po::value(&options.format)->required()->value_name("FORMAT"), format_names().c_str())  //
      ("out", po::value(&options.out)->required()->value_name("PATH"), "file to write")                 //
      ("weights", po::value(&options.source.weights)->value_name("FILE"),
       "safetensors; default: those the run keeps")                                                                  //
      ("data", po::value(&options.source.data)->value_name("DATA"), "default: the run's, else shapes")               //
      ("seed", po::value(&options.source.seed)->value_name("N"), "of the data's split; default: the run's, else 1")  //
      ("verify", po::bool_switch(&options.verify), "run or read back what was written, and compare")                 //
      ("overwrite", po::bool_switch(&options.overwrite), "replace an existing file");
  line.notes(format_list());
  if (!line.parse(arguments)) return Exit::done;
  const ExportFormat& format = find_export_format(options.format);
  Console console(line.common());
  options.source.seed_given = line.given("seed");
  const ExportInput input = export_input(format, options.source, options.verify, console);
  const auto files = export_files(input, format, options.out);
  write_files(files, options.overwrite);
  const Verification verification = options.verify ? format.verify(input, options.out) : Verification{};
  say(line, console, options, input, files, verification);
  return options.verify && !verification.passed ? Exit::verification_failed : Exit::done;
}

}  // namespace synth::cli
