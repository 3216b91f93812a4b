// Describing and comparing sessions.
#include "synth/cli/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "evaluators/processor.h"
#include "evaluators/trained_evaluator.h"
#include "synth/cli/training_options.h"
#include "synth/cli/version.h"

namespace synth::cli {
namespace {

using nlohmann::ordered_json;

// Read by oneDNN, ATen, this program's kernels, OpenBLAS and MKL.
constexpr std::array limiting_variables = {"DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY",
                                           "SYNTH_CPU",        "OPENBLAS_CORETYPE",  "MKL_ENABLE_INSTRUCTIONS",
                                           "MKL_CBWR"};
// Of `versions`: what the rounding of results depends on.
constexpr std::array rounding_versions = {"libtorch", "compiler"};

std::string version_in(const results_db::Session& session, const char* name) {
  const ordered_json json = ordered_json::parse(session.versions, nullptr, false);
  return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "unknown";
}

}  // namespace

results_db::Session describe_session(const SearchOptions& options) {
  results_db::Session session;
  session.processor = evaluators::processor().model;
  session.instruction_sets = evaluators::processor().instruction_sets;
  session.kernels = evaluators::name(evaluators::kernel_level());
  session.bf16 = evaluators::trains_in_bf16(evaluator_settings(options));
  session.versions =
      ordered_json{{"synth", program_version}, {"libtorch", evaluators::libtorch_version()}, {"compiler", __VERSION__}}
          .dump();
  ordered_json limits = ordered_json::object();
  for (const char* name : limiting_variables)
    if (const char* value = std::getenv(name); value != nullptr) limits[name] = value;
  session.limits = limits.dump();
  return session;
}

std::vector<std::string> differences(const results_db::Session& before, const results_db::Session& now) {
  std::vector<std::string> found;
  const auto compare = [&found](const std::string& what, const std::string& then, const std::string& today) {
    if (then != today) found.push_back(fmt::format("{}: then {}, now {}", what, then, today));
  };
  compare("instruction sets", fmt::format("{}", fmt::join(before.instruction_sets, " ")),
          fmt::format("{}", fmt::join(now.instruction_sets, " ")));
  compare("own kernels", before.kernels, now.kernels);
  compare("bf16", before.bf16 ? "yes" : "no", now.bf16 ? "yes" : "no");
  for (const char* name : rounding_versions) compare(name, version_in(before, name), version_in(now, name));
  compare("limits in the environment", before.limits, now.limits);
  return found;
}

}  // namespace synth::cli
