// synth status: configuration, progress, generators so far, best networks, time and evaluations spent.
#include "synth/report/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "search_space/errors.h"
#include "synth/cli/colours.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/cli/run_context.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

using namespace std::chrono_literals;

// One line for what is no terminal.
std::string line_of(const report::RunView& view) {
  const auto* best = view.best();
  const auto accepted =
      std::count_if(view.generators.begin(), view.generators.end(), [](const auto& g) { return g.accepted; });
  return fmt::format("{}, {} networks, {} of {} proposals accepted, best U {}\n", view.run.state, view.records.size(),
                     accepted, view.generators.size(), best == nullptr ? "-" : report::format_score(best->performance));
}

// Shows the run again as it changes, until it no longer runs or Ctrl-C.
void watch(const std::string& path) {
  using std::chrono::steady_clock;
  const Interrupt& interrupt = watch_for_interrupt(false);
  const bool terminal = is_terminal(stdout);
  std::string shown;
  for (;;) {
    const auto begin = steady_clock::now();
    RunContext context = open_run(path, results_db::Access::read);
    const report::RunView view = context.view();
    const std::string text = terminal ? coloured(report::status_text(view, output_width())) : line_of(view);
    if (text != shown) {
      if (terminal) std::fputs("\033[H\033[2J\033[3J", stdout);
      std::fputs(text.c_str(), stdout);
      std::fflush(stdout);
      shown = text;
    }
    if (view.run.state != "running") return;
    // A run that takes long to read is read less often.
    const auto next = steady_clock::now() + std::max<steady_clock::duration>(1s, 10 * (steady_clock::now() - begin));
    while (steady_clock::now() < next) {
      if (interrupt.stop) return;
      std::this_thread::sleep_for(50ms);
    }
  }
}

int run_status(const Command& self, const std::vector<std::string>& arguments) {
  std::string path;
  bool watching = false;
  CommandLine line(self);
  line.positional("RUN", "run database: a file, or postgresql://USER@HOST/DATABASE?run=NAME", &path);
  line.add_options()(
      "watch", boost::program_options::bool_switch(&watching),
      "show it again as it changes, until the run ends; one line per change where stdout is no terminal");
  if (!line.parse(arguments)) return Exit::done;
  if (watching && line.common().json) {
    throw search_space::InputError("synth status: --watch and --json exclude each other; leave one out");
  }
  if (watching) {
    watch(path);
    return Exit::done;
  }
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = context.view_with_expectations();
  if (line.common().json) {
    print_json(report::status_json(view));
  } else {
    std::fputs(coloured(report::status_text(view, output_width())).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command status_command() {
  return {"status", "where a run stands: progress, generators, best network, time spent", run_status};
}

}  // namespace synth::cli
