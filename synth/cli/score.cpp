// synth score: NetScore of given figures.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/engine/objective.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

using search_space::InputError;

// A percentage above 0, with or without the sign.
double parse_accuracy(const std::string& text) {
  const bool sign = !text.empty() && text.back() == '%';
  const std::string number = text.substr(0, text.size() - (sign ? 1 : 0));
  double accuracy = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), accuracy);
  if (error != std::errc() || end != number.data() + number.size() || !(accuracy > 0 && accuracy <= 100)) {
    throw InputError(fmt::format(
        "synth score: --accuracy: found '{}', allowed are percentages above 0 up to 100, e.g. 73.0 or 73%", text));
  }
  return accuracy;
}

void check_weight(const char* option, double value) {
  if (std::isfinite(value) && value >= 0 && value <= 100) return;
  throw InputError(fmt::format("synth score: --{}: found {}, allowed is from 0 to 100", option, value));
}

int run_score(const Command& self, const std::vector<std::string>& arguments) {
  std::string accuracy_text, parameters_text, multiply_adds_text;
  engine::NetScore score;
  CommandLine line(self);
  line.add_options()                                                                                               //
      ("accuracy", po::value(&accuracy_text)->required()->value_name("PCT"), "top-1 in percent, e.g. 73.0")        //
      ("params", po::value(&parameters_text)->required()->value_name("N"), "parameters, e.g. 2970000 or 2.97M")    //
      ("macs", po::value(&multiply_adds_text)->required()->value_name("N"), "multiply-adds, e.g. 424.8M or 1.1G")  //
      ("alpha", po::value(&score.alpha)->default_value(score.alpha, "2")->value_name("X"), "weight of accuracy")   //
      ("beta", po::value(&score.beta)->default_value(score.beta, "0.5")->value_name("X"), "weight of parameters")  //
      ("gamma", po::value(&score.gamma)->default_value(score.gamma, "0.5")->value_name("X"), "weight of multiply-adds");
  line.notes("NetScore = 20 log10(a^alpha / (p^beta m^gamma)), a in percent, p in millions, m in billions.");
  if (!line.parse(arguments)) return Exit::done;
  const double accuracy = parse_accuracy(accuracy_text);
  const double parameters = engine::parse_count(parameters_text, "synth score: --params");
  const double multiply_adds = engine::parse_count(multiply_adds_text, "synth score: --macs");
  check_weight("alpha", score.alpha);
  check_weight("beta", score.beta);
  check_weight("gamma", score.gamma);
  if (accuracy <= 1 && accuracy_text.back() != '%') {
    Console(line.common())
        .note(fmt::format("--accuracy {} is taken as {} %; for a fraction write {:g}%", accuracy_text, accuracy,
                          accuracy * 100));
  }
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
