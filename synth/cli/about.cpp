// Versions, from where each is kept: the build, the libraries, the headers of formats.
#include "synth/cli/about.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "commit.h"  // generated when the program is built
#include "evaluators/processor.h"
#include "results_db/library.h"
#include "results_db/results_db.h"
#include "synth/cli/console.h"
#include "synth/cli/version.h"
#include "synth/engine/experiment.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace {

// Of files that users keep; docs/formats.md describes them.
constexpr const char* formats[] = {"synth/prototype/1", "synth/architecture/1", "synth/evaluation-request/1",
                                   "synth/evaluation-answer/1", "synth/table/1"};

}  // namespace

std::string about() {
  const evaluators::Processor& processor = evaluators::processor();
  const std::string text =
      fmt::format("synth {} (commit {})\n", program_version, commit) +
      fmt::format("LibTorch   {} (of synth-tensors, as built)\n", libtorch) +
      fmt::format("SQLite     {}\n", results_db::sqlite_version()) +
      fmt::format("engine     revision {}\n", engine::engine_revision) +
      fmt::format("runs       schema {}; older ones are read, and migrated on writing\n", results_db::schema_version) +
      fmt::format("formats    {}\n", fmt::join(formats, ", ")) +
      fmt::format("processor  {}; kernels: {}\n", processor.model.empty() ? "unknown" : processor.model,
                  evaluators::name(evaluators::kernel_level()));
  constexpr int value_column = 11;
  return report::wrapped_text(text, output_width(), value_column);
}

nlohmann::ordered_json about_json() {
  return {{"schema", "synth/version/1"},
          {"version", program_version},
          {"commit", commit},
          {"libtorch", libtorch},
          {"sqlite", results_db::sqlite_version()},
          {"engine_revision", engine::engine_revision},
          {"run_schema", results_db::schema_version},
          {"formats", formats},
          {"processor", evaluators::processor().model},
          {"instruction_sets", evaluators::processor().instruction_sets},
          {"kernels", evaluators::name(evaluators::kernel_level())}};
}

}  // namespace synth::cli
