// Runs as the page's document.
#include "synth/cli/page_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "synth/cli/duration.h"
#include "synth/cli/run_context.h"
#include "synth/cli/version.h"

namespace synth::cli {

nlohmann::ordered_json page_run(const std::string& path, const report::PageLimits& limits) {
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = context.view();
  nlohmann::ordered_json run = report::page_run(
      view, [&](int id) { return context.db.record(id, false); }, limits);
  const SearchOptions& options = context.options;
  run["budget"] = {{"seconds", options.time.empty() ? 0 : parse_duration(options.time, path + ": time")},
                   {"evaluations", options.evaluations},
                   {"generators", options.generators}};
  run["in_flight"] = nlohmann::ordered_json::array();
  if (view.run.state != "running") return run;
  for (const results_db::Attempt& attempt : context.db.attempts()) {
    if (!view.sessions.empty() && attempt.session == view.sessions.back().id) {
      run["in_flight"].push_back(attempt.network);
    }
  }
  return run;
}

nlohmann::ordered_json page_document(const std::vector<std::string>& paths) {
  report::PageLimits limits;
  const auto share = std::max<std::size_t>(1, paths.size());
  limits.details = std::max(10, limits.details / static_cast<int>(share));
  limits.evidence_bytes /= share;
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const std::string& path : paths) runs.push_back(page_run(path, limits));
  return {{"schema", "synth/report/1"}, {"live", false}, {"program", program_version}, {"runs", std::move(runs)}};
}

}  // namespace synth::cli
