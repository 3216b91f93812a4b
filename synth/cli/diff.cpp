// synth diff: slot-by-slot architectural difference of two networks.
#include "synth/report/diff.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"

namespace synth::cli {

namespace {

int run_diff(const Command& self, const std::vector<std::string>& arguments) {
  std::string from_text, to_text;
  CommandLine line(self);
  line.positional("FROM", "a network: built-in name, .json file, RUN#ID or RUN@G2:s3", &from_text)
      .positional("TO", "another", &to_text);
  if (!line.parse(arguments)) return Exit::done;
  const NetworkArgument from = resolve_network(from_text), to = resolve_network(to_text);
  const report::NamedArchitecture first{from.name, from.architecture}, second{to.name, to.architecture};
  if (line.common().json) {
    print_json(report::diff_json(first, second));
  } else {
    std::fputs(report::diff_text(first, second, output_width()).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command diff_command() {
  return {"diff", "slot-by-slot architectural difference of two networks", run_diff};
}

}  // namespace synth::cli
