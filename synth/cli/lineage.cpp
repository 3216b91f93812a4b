// synth lineage: how generators, or one network, came to be.
#include "synth/report/lineage.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/colours.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/format_option.h"
#include "synth/cli/json_output.h"
#include "synth/cli/run_context.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// NETWORK within the run: "12", a key prefix, "G2:s3", "A", each also after "#" or "@", or after the run's own path.
int network_id(const RunContext& context, const std::string& text) {
  std::string place = text;
  if (const std::size_t at = results_db::network_mark(text); at != std::string::npos) {
    const std::string run = text.substr(0, at);
    std::error_code ignored;
    if (!run.empty() && run != context.path && !std::filesystem::equivalent(run, context.path, ignored)) {
      throw search_space::InputError(fmt::format(
          "{}: is not a network of {}; leave '{}' out, or write 'synth lineage {}'", text, context.path, run, run));
    }
    place.erase(0, at);
  } else {
    const bool number_or_key = text.find_first_not_of("0123456789abcdef") == std::string::npos;
    place.insert(0, number_or_key ? "#" : "@");
  }
  return find_place(context, place, false).id;
}

std::string render(const report::RunView& view, int id, const std::string& format, bool all, int columns) {
  if (format == "dot") return id > 0 ? report::ancestry_dot(view, id) : report::lineage_dot(view);
  if (format == "svg") return id > 0 ? report::ancestry_svg(view, id) : report::lineage_svg(view);
  if (id > 0) return report::ancestry_text(view, id, columns);
  return all ? report::lineage_text(view, columns) : report::lineage_summary(view, columns);
}

int run_lineage(const Command& self, const std::vector<std::string>& arguments) {
  std::string path, network, format;
  bool all = false;
  CommandLine line(self);
  line.positional("RUN", "run database: a file, or postgresql://USER@HOST/DATABASE?run=NAME", &path)
      .positional("NETWORK", "one network of the run: its number, key prefix, G2:s3 or a family member's name",
                  &network, false);
  line.add_options()("format", po::value(&format)->default_value("text")->value_name("FORMAT"),
                     "text | json | dot | svg")  //
      ("all", po::bool_switch(&all), "text: every proposal, with its margins and what drove each change");
  if (!line.parse(arguments)) return Exit::done;
  format = chosen_format(line, "lineage", format, {"text", "json", "dot", "svg"});
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = format == "json" ? context.view_with_expectations() : context.view();
  const int id = network.empty() ? 0 : network_id(context, network);
  if (format == "json") {
    print_json(id > 0 ? report::ancestry_json(view, id) : report::lineage_json(view));
  } else {
    const std::string text = render(view, id, format, all, output_width());
    std::fputs((format == "text" ? coloured(text) : text).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command lineage_command() {
  return {"lineage", "how the generators, or one network, came to be, and why", run_lineage};
}

}  // namespace synth::cli
