// synth status: configuration, progress, generators so far, best networks, time and evaluations spent.
#include "synth/report/status.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/run_context.h"

namespace synth::cli {

namespace {

int run_status(const Command& self, const std::vector<std::string>& arguments) {
  std::string path;
  CommandLine line(self);
  line.positional("RUN", "run database, e.g. synth-run.db", &path);
  if (!line.parse(arguments)) return Exit::done;
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = context.view_with_expectations();
  if (line.common().json) {
    print_json(report::status_json(view));
  } else {
    std::fputs(report::status_text(view, output_width()).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command status_command() {
  return {"status", "where a run stands: progress, generators, best network, time spent", run_status};
}

}  // namespace synth::cli
