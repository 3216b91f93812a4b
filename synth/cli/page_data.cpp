// Runs as the page's document.
#include "synth/cli/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluators/data/dataset.h"
#include "search_space/errors.h"

#include "synth/cli/duration.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/files.h"
#include "synth/cli/run_context.h"
#include "synth/cli/version.h"
#include "synth/report/data_sheet.h"
#include "synth/report/page_belief.h"
#include "synth/report/page_bench.h"

namespace synth::cli {

namespace {

nlohmann::ordered_json belief_of(const RunContext& context, const report::RunView& view) {
  const SearchOptions& options = context.options;
  if (parse_evaluator(options.evaluator, "evaluator").own) return {};
  return report::page_belief(view, context.training_epochs(), full_training * options.epochs);
}

nlohmann::ordered_json sheet_of(const RunContext& context, const report::RunView& view) {
  try {
    const auto data = evaluators::load_data(evaluators::parse_data_spec(context.run.data),
                                            static_cast<std::uint64_t>(context.options.seed));
    if (data.fingerprint == context.run.data_fingerprint) return report::data_sheet(data, view);
    return {{"error", fmt::format("The data set {} has changed since the search.", context.run.data)}};
  } catch (const search_space::EnvironmentError& error) {
    return {{"error", fmt::format("The data cannot be read now: {}", error.what())}};
  } catch (const search_space::InputError& error) {
    return {{"error", fmt::format("The data cannot be read now: {}", error.what())}};
  }
}

}  // namespace

nlohmann::ordered_json page_sheet(const std::string& path) {
  RunContext context = open_run(path, results_db::Access::read);
  return sheet_of(context, context.view());
}

nlohmann::ordered_json page_belief(const std::string& path) {
  RunContext context = open_run(path, results_db::Access::read);
  return belief_of(context, context.view());
}

nlohmann::ordered_json page_run(const std::string& path, const report::PageLimits& limits) {
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = context.view();
  nlohmann::ordered_json run = report::page_run(
      view, [&](int id) { return context.db.record(id, false); }, limits);
  const SearchOptions& options = context.options;
  run["budget"] = {{"seconds", options.time.empty() ? 0 : parse_duration(options.time, path + ": time")},
                   {"evaluations", options.evaluations},
                   {"generators", options.generators}};
  // A dashboard's page asks for what takes long, where it is looked at.
  if (limits.details > 0) run["belief"] = belief_of(context, view);
  run["in_flight"] = nlohmann::ordered_json::array();
  if (view.run.state != "running") return run;
  for (const results_db::Attempt& attempt : context.db.attempts()) {
    if (!view.sessions.empty() && attempt.session == view.sessions.back().id) {
      run["in_flight"].push_back(attempt.network);
    }
  }
  return run;
}

nlohmann::ordered_json page_document(const std::vector<std::string>& paths, bool images) {
  report::PageLimits limits;
  const auto share = std::max<std::size_t>(1, paths.size());
  limits.details = std::max(10, limits.details / static_cast<int>(share));
  limits.evidence_bytes /= share;
  auto runs = nlohmann::ordered_json::array(), benches = runs;
  for (const std::string& path : paths) {
    if (path.ends_with(".json")) {
      benches.push_back(report::page_bench(path, read_file(path)));
      continue;
    }
    runs.push_back(page_run(path, limits));
    if (images) runs.back()["sheet"] = page_sheet(path);
  }
  if (runs.empty()) {
    throw search_space::InputError("synth report: results of benchmarks stand beside runs; name a run, too");
  }
  return {{"schema", "synth/report/1"},
          {"live", false},
          {"program", program_version},
          {"benches", std::move(benches)},
          {"runs", std::move(runs)}};
}

}  // namespace synth::cli
