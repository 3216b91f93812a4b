// synth verify: rechecks a bundle where it has come to.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/version.h"
#include "synth/export/bundle.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

const char* outcome_text(CheckOutcome outcome) {
  if (outcome == CheckOutcome::not_tried) return "not tried";
  return outcome == CheckOutcome::passed ? "passed" : "failed";
}

void print(const BundleReport& report, const std::string& path) {
  std::puts(
      search_space::printable(fmt::format("{}: network {}, made by {}", path, report.key, report.generator)).c_str());
  for (const BundleCheck& check : report.checks)
    std::fputs(report::wrapped_text(
                   fmt::format("  {:<12} {:<10} {}\n", check.part, outcome_text(check.outcome), check.statement),
                   output_width(), 26)
                   .c_str(),
               stdout);
}

void print_as_json(const BundleReport& report, const std::string& path) {
  nlohmann::ordered_json json = {{"schema", "synth/verify/1"},    {"bundle", path},
                                 {"name", report.name},           {"key", report.key},
                                 {"generator", report.generator}, {"passed", report.passed()},
                                 {"facts", report.facts},         {"checks", nlohmann::ordered_json::array()}};
  for (const BundleCheck& check : report.checks)
    json["checks"].push_back(
        {{"part", check.part}, {"outcome", outcome_text(check.outcome)}, {"statement", check.statement}});
  print_json(json);
}

}  // namespace

int run_verify(const Command& self, const std::vector<std::string>& arguments) {
  std::string path;
  BundleTrust trust{fmt::format("synth {}", program_version)};
  CommandLine line(self);
  line.positional("BUNDLE", "written by 'synth export --format bundle'", &path);
  line.add_options()("run-code", po::bool_switch(&trust.run_code),
                     "compile and run C and Python that another version of synth wrote: only from a source you trust");
  line.notes(
      "Needs neither run nor data. Models are run in ONNX Runtime, LiteRT and PyTorch, the C by every compiler that is "
      "there; what is missing is said. C and Python are run if they are what this version writes for the network.");
  if (!line.parse(arguments)) return Exit::done;
  const BundleReport report = verify_bundle(path, trust);
  if (line.common().json)
    print_as_json(report, path);
  else
    print(report, path);
  return report.passed() ? Exit::done : Exit::verification_failed;
}

}  // namespace synth::cli
