// synth measure: what the generated C of a network takes and occupies on a processor.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "search_space/cost.h"
#include "search_space/deployment.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/export_input.h"
#include "synth/cli/json_output.h"
#include "synth/export/cortex_m.h"
#include "synth/export/file_output.h"
#include "synth/export/tools.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

std::string target_names() {
  std::string names;
  for (const CortexM& each : cortex_ms()) names += (names.empty() ? "" : " | ") + each.name;
  return names;
}

const CortexM& find_target(const std::string& name) {
  std::vector<std::string> known;
  for (const CortexM& each : cortex_ms()) {
    if (each.name == name) return each;
    known.push_back(each.name);
  }
  throw search_space::InputError(
      fmt::format("--target: unknown processor '{}'{}", name, search_space::suggestion(name, known)));
}

struct Measured {
  std::int64_t instructions = 0;
  ProgramSizes sizes;
};

Measured measure(const ExportInput& input, const CortexM& target) {
  const WorkFolder folder;
  const std::string path = folder / "network.c";
  export_network(input, find_export_format("c"), path);
  return {count_instructions(target, path), program_sizes(target, path)};
}

// A row of the table: what was measured, what the cost model says.
std::string row(const char* name, std::int64_t found, std::int64_t expected) {
  return fmt::format("{:<14}{:>12}{:>12}{:>9.1f} %\n", name, found, expected,
                     found == 0 ? 0.0 : 100.0 * static_cast<double>(expected - found) / static_cast<double>(found));
}

}  // namespace

int run_measure(const Command& self, const std::vector<std::string>& arguments) {
  ExportSource source;
  std::string target_name;
  CommandLine line(self);
  line.positional("NETWORK", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &source.network);
  line.add_options()                                                                                               //
      ("target", po::value(&target_name)->default_value("cortex-m4")->value_name("NAME"), target_names().c_str())  //
      ("weights", po::value(&source.weights)->value_name("FILE"), "safetensors; default: those the run keeps")     //
      ("data", po::value(&source.data)->value_name("DATA"), "default: the run's, else shapes")                     //
      ("seed", po::value(&source.seed)->value_name("N"), "of the data's split; default: the run's, else 1");
  line.notes(
      "Compiles what 'synth export --format c' writes with arm-none-eabi-gcc -O2 and counts the instructions of one "
      "image in QEMU. 'expected' is what requirements on flash, ram and latency_cycles count, which knows the design "
      "alone and holds for a Cortex-M4.");
  if (!line.parse(arguments)) return Exit::done;
  const CortexM& target = find_target(target_name);
  if (const std::string missing = missing_for_cortex_m(); !missing.empty())
    throw search_space::EnvironmentError(fmt::format("measuring on a {}: install {}", target.name, missing));
  Console console(line.common());
  source.seed_given = line.given("seed");
  const ExportInput input = export_input(find_export_format("c"), source, /*verify=*/false, console);
  const Measured found = measure(input, target);
  const auto graph = search_space::lower(input.architecture);
  const auto expected = search_space::deployment_of(graph);
  const std::int64_t multiply_adds = search_space::cost_of(graph).multiply_adds;
  const double each = static_cast<double>(found.instructions) / static_cast<double>(multiply_adds);
  if (line.common().json) {
    print_json({{"schema", "synth/measure/1"},
                {"target", target.name},
                {"key", input.architecture.key()},
                {"instructions", found.instructions},
                {"multiply_adds", multiply_adds},
                {"instructions_per_multiply_add", each},
                {"flash", found.sizes.code + found.sizes.constants},
                {"code", found.sizes.code},
                {"constants", found.sizes.constants},
                {"ram", found.sizes.memory},
                {"expected",
                 {{"latency_cycles", expected.instructions}, {"flash", expected.flash()}, {"ram", expected.ram}}}});
    return Exit::done;
  }
  std::fputs(
      (fmt::format("{:<14}{:>12}{:>12}\n", target.name, "measured", "expected") +
       row("instructions", found.instructions, expected.instructions) +
       row("flash bytes", found.sizes.code + found.sizes.constants, expected.flash()) +
       row("RAM bytes", found.sizes.memory, expected.ram) +
       fmt::format("{:.2f} instructions per multiply-add of {}; {} of flash are code\n", each,
                   report::format_count(static_cast<double>(multiply_adds)), report::format_bytes(found.sizes.code)))
          .c_str(),
      stdout);
  return Exit::done;
}

}  // namespace synth::cli
