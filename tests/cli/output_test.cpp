// What commands print: JSON keys, widths of terminals, colour.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "synth/cli/duration.h"
#include "synth/cli/live_view.h"
#include "synth/report/table.h"
#include "tests/cli/program.h"

using namespace cli_test;
using nlohmann::json;

TEST_CASE("NetScore of the papers' figures", "[cli]") {
  // AttoNets Table 2: top-1, parameters (M), multiply-adds (M), NetScore.
  const double rows[][4] = {{64.52, 3.26, 567.5, 69.71}, {68.68, 2.29, 299.7, 75.11}, {65.00, 1.32, 140.1, 79.85},
                            {73.00, 2.97, 424.8, 73.53}, {71.10, 1.87, 277.5, 76.93}, {69.60, 1.06, 139.9, 81.99},
                            {66.30, 0.32, 57.5, 90.21}};
  for (const auto& row : rows) {
    const json document = run_synth({"score", "--accuracy", std::to_string(row[0]), "--params",
                                     std::to_string(row[1] * 1e6), "--macs", std::to_string(row[2] * 1e6), "--json"})
                              .json();
    CHECK(document["schema"] == "synth/score/1");
    CHECK(document["netscore"].get<double>() == Approx(row[3]).margin(0.011));
  }
}

TEST_CASE("figures may be written as in a requirement", "[cli]") {
  const Outcome plain = run_synth({"score", "--accuracy", "73", "--params", "2970000", "--macs", "1.1e9"});
  CHECK(plain.exit_code == 0);
  CHECK(plain.err.empty());
  CHECK(run_synth({"score", "--accuracy", "73%", "--params", "2.97M", "--macs", "1.1G"}).out == plain.out);
  CHECK_THAT(run_synth({"score", "--accuracy", "0.73", "--params", "1", "--macs", "1"}).err, Catch::Contains("73%"));
}

TEST_CASE("output fits the terminal", "[cli]") {
  for (const int columns : {60, 80}) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                      {"list", "modules"},
                                                      {"diff", "residual9", "attonet_a"},
                                                      {"export", "--help"},
                                                      {"search", "--help"},
                                                      {"show", "attendnet_style,classes=1000,size=128"},
                                                      {"compare", "--reported", "imagenet50"},
                                                      {"compare", "--task", "mask-rcnn", "resnet50", "attonet_a"},
                                                      {"check", "residual9"},
                                                      {"check", "mobilenet_v2"}}) {
      const Outcome outcome = run_on_terminal(arguments, columns);
      INFO(columns << " columns: " << arguments.front() << "\n" << outcome.out);
      CHECK(outcome.exit_code == 0);
      std::istringstream lines(outcome.out);
      for (std::string line; std::getline(lines, line);) CHECK(synth::report::display_width(line) <= columns);
    }
  }
}

TEST_CASE("show keeps its keys", "[cli]") {
  const json document = run_synth({"show", "residual9,classes=7,size=28,channels=1", "--json"}).json();
  for (const char* key :
       {"key", "input", "classes", "parameters", "multiply_adds", "weight_bytes", "peak_activation_bytes", "layers"}) {
    CHECK(document.contains(key));
  }
  CHECK(document["schema"] == "synth/show/1");
  CHECK(document["classes"] == 7);
  CHECK(document["input"] == json({{"channels", 1}, {"height", 28}, {"width", 28}}));
  for (const char* key : {"name", "op", "slot", "module", "output", "parameters", "multiply_adds"}) {
    CHECK(document["layers"][0].contains(key));
  }
}

TEST_CASE("lists come from the registries", "[cli]") {
  for (const char* what : {"prototypes", "networks", "modules", "datasets", "algorithms"}) {
    const Outcome outcome = run_synth({"list", what, "--json"});
    REQUIRE(outcome.exit_code == 0);
    CHECK(outcome.json()["schema"] == "synth/list/1");
    CHECK_FALSE(outcome.json()[what].empty());
    CHECK(run_synth({"list", what}).exit_code == 0);
  }
  CHECK(run_synth({"list", "modules"}).out.find("vac") != std::string::npos);
}

TEST_CASE("a prototype is checked", "[cli]") {
  const json document = run_synth({"check", "residual9", "--json"}).json();
  CHECK(document["valid"] == true);
  CHECK(document["log10_size"].get<double>() > 10);
  CHECK(document["parameters"][0] < document["parameters"][1]);
}

TEST_CASE("plain output has no escape sequences", "[cli]") {
  for (const std::string& columns : {std::string("COLUMNS=40"), std::string("COLUMNS=200")}) {
    const Outcome outcome = run_synth({"show", "residual9"}, {columns, "NO_COLOR=1"});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out.find('\033') == std::string::npos);
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("lengths of time", "[cli]") {
  using synth::cli::parse_duration;
  CHECK(parse_duration("90", "--time") == 90);
  CHECK(parse_duration("90s", "--time") == 90);
  CHECK(parse_duration("30m", "--time") == 1800);
  CHECK(parse_duration("1h30m", "--time") == 5400);
  CHECK(parse_duration("0.5h", "--time") == 1800);
  for (const char* wrong : {"", "m", "-5m", "5x", "1h 30m", "1e400s", "0"})
    CHECK_THROWS_WITH(parse_duration(wrong, "--time"), Catch::Contains("--time"));
}

TEST_CASE("the live block fits the terminal", "[cli]") {
  using namespace synth;
  cli::ViewState state;
  state.config.generators = 8;
  state.config.evaluations = 60;
  state.config.seconds = 600;
  state.accepted = 2;
  state.evaluated = 24;
  state.last_proposal =
      "rejected: accuracy 88.90 % of #23 (lower bound) is below 90 %, and more words than a line holds";
  state.in_flight[25].progress = {1.3, 2.0, 0.812};
  state.in_flight[26];
  engine::Record best;
  best.id = 17;
  best.evaluation.accuracy = 0.912;
  best.performance = 95.3;
  state.best = best;
  const auto wide = cli::render_block(state, 200, 0);
  std::string all;
  for (const std::string& line : wide) all += line + "\n";
  for (const char* words : {"generator 3 of 8", "rejected", "24 of 60", "2 in flight", "#25", "epoch 1.3 of 2.0",
                            "81.20 %", "#17", "91.20 %", "95.30", "left"}) {
    CHECK_THAT(all, Catch::Contains(words));
  }
  for (const int columns : {10, 20, 40, 79}) {
    const auto narrow = cli::render_block(state, 200, columns);
    CHECK(narrow.size() == wide.size());
    for (const std::string& line : narrow) CHECK(report::display_width(line) <= columns);
  }
}
