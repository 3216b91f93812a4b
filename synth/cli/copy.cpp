// synth copy: a run from one place to another, between files and databases.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "results_db/results_db.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"

namespace synth::cli {

namespace {

int run_copy(const Command& self, const std::vector<std::string>& arguments) {
  std::string from, to;
  CommandLine line(self);
  line.positional("FROM", "run: a file, or postgresql://USER@HOST/DATABASE?run=NAME", &from)
      .positional("TO", "where there is none yet", &to);
  line.notes(
      "Everything that is recorded is copied as it is, weights and times included. Of a run that is being searched it "
      "is what was recorded at one moment: 'synth resume' goes on from there.");
  if (!line.parse(arguments)) return Exit::done;
  results_db::copy_run(from, to);
  const auto networks =
      results_db::ResultsDb::open(to, results_db::Access::read).contents(results_db::Detail::figures).records.size();
  if (line.common().json) {
    print_json({{"schema", "synth/copy/1"}, {"from", from}, {"to", to}, {"networks", networks}});
  } else {
    Console(line.common()).note(fmt::format("copied {} to {}: {} networks", from, to, networks));
  }
  return Exit::done;
}

}  // namespace

Command copy_command() {
  return {"copy", "a run to another place, between files and databases", run_copy};
}

}  // namespace synth::cli
