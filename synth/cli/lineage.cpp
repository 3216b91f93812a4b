// synth lineage: how generators, or one network, came to be.
#include "synth/report/lineage.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/run_context.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// NETWORK within the run: "12", a key prefix, "#12", "G2:s3", or any of them after the run's own path.
int network_id(const RunContext& context, std::string text) {
  if (text.rfind(context.path, 0) == 0) text.erase(0, context.path.size());
  if (!text.empty() && (text.front() == '#' || text.front() == '@')) text.erase(0, 1);
  int generator = 0, seed = 0, used = 0;
  if (std::sscanf(text.c_str(), "G%d:s%d%n", &generator, &seed, &used) == 2 && used == static_cast<int>(text.size())) {
    return find_generated(context, generator, seed, false).id;
  }
  return find_network(context, text, false).id;
}

std::string render(const report::RunView& view, int id, const std::string& format, int columns) {
  if (format == "dot") return id > 0 ? report::ancestry_dot(view, id) : report::lineage_dot(view);
  if (format == "svg") return id > 0 ? report::ancestry_svg(view, id) : report::lineage_svg(view);
  if (format == "text") return id > 0 ? report::ancestry_text(view, id, columns) : report::lineage_text(view, columns);
  throw search_space::InputError("synth lineage: --format: unknown format '" + format + "'" +
                                 search_space::suggestion(format, {"text", "json", "dot", "svg"}));
}

int run_lineage(const Command& self, const std::vector<std::string>& arguments) {
  std::string path, network, format;
  CommandLine line(self);
  line.positional("RUN", "run database, e.g. synth-run.db", &path)
      .positional("NETWORK", "one network of the run: its number, key prefix or G2:s3", &network, false);
  line.add_options()("format", po::value(&format)->default_value("text")->value_name("FORMAT"),
                     "text | json | dot | svg");
  if (!line.parse(arguments)) return Exit::done;
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = context.view();
  const int id = network.empty() ? 0 : network_id(context, network);
  if (line.common().json || format == "json") {
    print_json(id > 0 ? report::ancestry_json(view, id) : report::lineage_json(view));
  } else {
    std::fputs(render(view, id, format, is_terminal(stdout) ? terminal_width() : 0).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command lineage_command() {
  return {"lineage", "how the generators, or one network, came to be, and why", run_lineage};
}

}  // namespace synth::cli
