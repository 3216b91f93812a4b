// synth score: NetScore of given figures.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/json_output.h"
#include "synth/engine/objective.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

void check_positive(const char* option, double value) {
  if (std::isfinite(value) && value > 0) return;
  throw search_space::InputError(
      fmt::format("synth score: --{}: found {}, allowed are numbers above 0", option, value));
}

int run_score(const Command& self, const std::vector<std::string>& arguments) {
  double accuracy = 0, parameters = 0, multiply_adds = 0;
  engine::NetScore score;
  CommandLine line(self);
  line.add_options()                                                                                               //
      ("accuracy", po::value(&accuracy)->required()->value_name("PCT"), "top-1 in percent, e.g. 73.0")             //
      ("params", po::value(&parameters)->required()->value_name("N"), "parameters, e.g. 2970000 or 2.97e6")        //
      ("macs", po::value(&multiply_adds)->required()->value_name("N"), "multiply-adds, e.g. 424.8e6")              //
      ("alpha", po::value(&score.alpha)->default_value(score.alpha, "2")->value_name("X"), "weight of accuracy")   //
      ("beta", po::value(&score.beta)->default_value(score.beta, "0.5")->value_name("X"), "weight of parameters")  //
      ("gamma", po::value(&score.gamma)->default_value(score.gamma, "0.5")->value_name("X"), "weight of multiply-adds");
  line.notes("NetScore = 20 log10(a^alpha / (p^beta m^gamma)), a in percent, p in millions, m in billions.");
  if (!line.parse(arguments)) return Exit::done;
  check_positive("accuracy", accuracy);
  check_positive("params", parameters);
  check_positive("macs", multiply_adds);
  if (accuracy > 100)
    throw search_space::InputError(fmt::format("synth score: --accuracy: {} is above 100 %", accuracy));
  const double result = score(accuracy, parameters, multiply_adds);
  if (line.common().json) {
    print_json({{"schema", "synth/score/1"},
                {"netscore", result},
                {"accuracy", accuracy},
                {"parameters", parameters},
                {"multiply_adds", multiply_adds},
                {"alpha", score.alpha},
                {"beta", score.beta},
                {"gamma", score.gamma}});
  } else {
    std::puts(fmt::format("{:.2f}", result).c_str());
  }
  return Exit::done;
}

}  // namespace

Command score_command() {
  return {"score", "NetScore of given accuracy, parameters and multiply-adds", run_score};
}

}  // namespace synth::cli
