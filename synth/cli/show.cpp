// synth show: the layer table of one network, or its picture.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/format_option.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/report/network_picture.h"
#include "synth/report/network_table.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// Pictures show the folded totals alone.
void refuse_table_options(const CommandLine& line, const std::string& format) {
  for (const char* option : {"bits", "count", "all"}) {
    if (!line.given(option)) continue;
    throw search_space::InputError(
        fmt::format("synth show: --{}: found with --format {}; allowed are --format text, json, or leave --{} out",
                    option, format, option));
  }
}

int run_show(const Command& self, const std::vector<std::string>& arguments) {
  std::string network_text, format, count;
  report::ShowOptions options;
  CommandLine line(self);
  line.positional("NETWORK", "built-in name with options, .json file, RUN#ID or RUN@G2:s3", &network_text);
  line.add_options()  //
      ("bits", po::value(&options.bits)->default_value(32)->value_name("N"),
       "precision of the memory figures: 8, 16, 32")  //
      ("count", po::value(&count)->default_value("folded")->value_name("HOW"),
       "folded (batch norm in the convolution) | published (its scale and shift counted)")               //
      ("all", po::bool_switch(&options.every_layer), "also list what costs nothing (JSON always does)")  //
      ("format", po::value(&format)->default_value("text")->value_name("FORMAT"), "text | json | svg | dot");
  if (!line.parse(arguments)) return Exit::done;
  if (options.bits != 8 && options.bits != 16 && options.bits != 32) {
    throw search_space::InputError(fmt::format("synth show: --bits: found {}, allowed are 8, 16, 32", options.bits));
  }
  if (count != "folded" && count != "published") {
    throw search_space::InputError("synth show: --count: found '" + count + "', allowed are folded, published");
  }
  if (count == "published") options.counting = search_space::Counting::published;
  format = chosen_format(line, "show", format, {"text", "json", "svg", "dot"});
  if (format == "svg" || format == "dot") refuse_table_options(line, format);
  const NetworkArgument network = resolve_network(network_text);
  options.name = network.title;
  if (format == "json") {
    print_json(report::show_json(network.architecture, options));
  } else if (format == "svg") {
    std::fputs(report::network_svg(network.architecture, network.title).c_str(), stdout);
  } else if (format == "dot") {
    std::fputs(report::network_dot(network.architecture, network.title).c_str(), stdout);
  } else {
    std::fputs(report::show_text(network.architecture, options, output_width()).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

Command show_command() {
  return {"show", "layer table of one network: shapes, parameters, multiply-adds, memory", run_show};
}

}  // namespace synth::cli
