// synth check: validates a prototype; size of its space and range of its costs.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/search_space.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/space_summary.h"
#include "synth/engine/cost_range.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace {

int run_check(const Command& self, const std::vector<std::string>& arguments) {
  std::string spec;
  CommandLine line(self);
  line.positional("PROTOTYPE", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &spec);
  if (!line.parse(arguments)) return Exit::done;
  const search_space::SearchSpace space(resolve_prototype(spec));
  const engine::CostRange range = engine::cost_range(space, {});
  if (line.common().json) {
    nlohmann::ordered_json document = {{"schema", "synth/check/1"}, {"valid", true}, {"name", space.source().name}};
    document.update(space_summary_json(space, range));
    print_json(document);
  } else {
    constexpr int value_column = 15;
    const std::string text = report::wrapped_text(space.source().name + ": valid\n", output_width(), 2) +
                             report::wrapped_text(space_summary_text(space, range), output_width(), value_column);
    std::fputs(text.c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command check_command() {
  return {"check", "validates a prototype; prints the size of its space and its costs", run_check};
}

}  // namespace synth::cli
