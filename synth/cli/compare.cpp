// synth compare: networks side by side, as in the papers' tables.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/report/comparison.h"
#include "synth/report/reported.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

report::ComparedNetwork compared(const NetworkArgument& network, search_space::Counting counting) {
  report::ComparedNetwork row;
  row.name = network.name;
  row.cost = search_space::cost_of(search_space::lower(network.architecture), counting);
  row.weight_bits = network.weight_bits;
  if (network.record && network.record->evaluation.outcome == evaluators::Outcome::trained) {
    row.accuracy = network.record->evaluation.accuracy;
  }
  return row;
}

// "NETWORK=73.0" gives a network of the list its top-1 in percent.
void take_accuracy(const std::string& text, const std::vector<std::string>& texts, report::Comparison& comparison) {
  const std::size_t equals = text.rfind('=');
  const std::string name = text.substr(0, equals);
  const auto found = std::find(texts.begin(), texts.end(), name);
  if (equals == std::string::npos || found == texts.end()) {
    throw search_space::InputError(
        fmt::format("synth compare: --accuracy {}: NETWORK=PERCENT with a NETWORK of the list is "
                    "expected{}",
                    text, search_space::suggestion(name, texts)));
  }
  char* end = nullptr;
  const double percent = std::strtod(text.c_str() + equals + 1, &end);
  if (*end != '\0' || !(percent > 0 && percent <= 100)) {
    throw search_space::InputError(
        fmt::format("synth compare: --accuracy {}: a percentage above 0, at most 100, is expected", text));
  }
  comparison.networks[found - texts.begin()].accuracy = percent / 100;
}

void print(const report::Comparison& comparison, const std::string& format) {
  if (format == "json") {
    print_json(report::comparison_json(comparison));
  } else if (format == "svg") {
    std::fputs(report::comparison_svg(comparison).c_str(), stdout);
  } else if (format == "text") {
    std::fputs(report::comparison_text(comparison, is_terminal(stdout) ? terminal_width() : 0).c_str(), stdout);
  } else {
    throw search_space::InputError("synth compare: --format: unknown format '" + format + "'" +
                                   search_space::suggestion(format, {"text", "json", "svg"}));
  }
}

void print_reported(const std::string& set, const std::string& format) {
  if (format == "json") {
    print_json(report::reported_json(set));
  } else if (format == "text") {
    std::fputs(report::reported_text(set, is_terminal(stdout) ? terminal_width() : 0).c_str(), stdout);
  } else {
    throw search_space::InputError("synth compare: --reported prints text or json, not '" + format + "'");
  }
}

int run_compare(const Command& self, const std::vector<std::string>& arguments) {
  std::vector<std::string> networks, accuracies;
  std::string baseline, format, count, reported;
  int bits = 0;
  report::Comparison comparison;
  CommandLine line(self);
  line.positionals("NETWORK", "built-in names with options, .json files, RUN#ID, RUN@G2:s3, RUN@A", &networks, 0);
  line.add_options()  //
      ("baseline", po::value(&baseline)->value_name("NET"),
       "network that ratios refer to; added if not in the list")                                                  //
      ("reported", po::value(&reported)->value_name("SET"), "the papers' tables and claims instead: imagenet50")  //
      ("accuracy", po::value(&accuracies)->value_name("NET=PCT"),
       "top-1 of a network that no run measured; repeatable")                                                       //
      ("bits", po::value(&bits)->value_name("N"), "weight precision of all networks; default: the run's, else 32")  //
      ("count", po::value(&count)->default_value("folded")->value_name("HOW"),
       "folded (batch norm in the convolution) | published (its scale and shift counted)")  //
      ("alpha", po::value(&comparison.score.alpha)->default_value(2, "2")->value_name("X"),
       "NetScore's weight of accuracy")                                                                              //
      ("beta", po::value(&comparison.score.beta)->default_value(0.5, "0.5")->value_name("X"), "of parameters")       //
      ("gamma", po::value(&comparison.score.gamma)->default_value(0.5, "0.5")->value_name("X"), "of multiply-adds")  //
      ("format", po::value(&format)->default_value("text")->value_name("FORMAT"), "text | json | svg");
  if (!line.parse(arguments)) return Exit::done;
  if (line.given("reported") != networks.empty()) {
    throw search_space::InputError(networks.empty()
                                       ? "synth compare: at least one NETWORK, or --reported SET, is needed"
                                       : "synth compare: --reported takes no NETWORK");
  }
  if (line.given("reported")) {
    print_reported(reported, line.common().json ? "json" : format);
    return Exit::done;
  }
  if (count != "folded" && count != "published") {
    throw search_space::InputError("synth compare: --count: found '" + count + "', allowed are folded, published");
  }
  if (line.given("bits") && bits != 8 && bits != 16 && bits != 32) {
    throw search_space::InputError(fmt::format("synth compare: --bits: found {}, allowed are 8, 16, 32", bits));
  }
  if (!baseline.empty() && std::find(networks.begin(), networks.end(), baseline) == networks.end()) {
    networks.insert(networks.begin(), baseline);
  }
  const auto counting = count == "published" ? search_space::Counting::published : search_space::Counting::folded;
  for (const std::string& text : networks) {
    if (text == baseline) comparison.baseline = static_cast<int>(comparison.networks.size());
    comparison.networks.push_back(compared(resolve_network(text), counting));
    if (bits != 0) comparison.networks.back().weight_bits = bits;
  }
  for (const std::string& text : accuracies) take_accuracy(text, networks, comparison);
  print(comparison, line.common().json ? "json" : format);
  return Exit::done;
}

}  // namespace

Command compare_command() {
  return {"compare", "networks side by side: accuracy, costs, NetScore, ratios", run_compare};
}

}  // namespace synth::cli
