// synth bench: search algorithms side by side on a tabular benchmark.
#include "synth/engine/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "evaluators/table.h"
#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/report/bench.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;
using search_space::InputError;

struct BenchArguments {
  std::string table, require, algorithms, svg;
  std::int64_t seed = 1;
  double target_score = 0;
  bool no_evidence = false, no_trust_region = false, no_model = false;
  engine::BenchOptions options;
};

void declare(CommandLine& line, BenchArguments& given) {
  engine::BenchOptions& options = given.options;
  line.add_options()  //
      ("table", po::value(&given.table)->required()->value_name("FILE.json"),
       "the benchmark: synth/table/1 or synth/surrogate-table/1")  //
      ("require", po::value(&given.require)->required()->value_name("LIST"),
       "hard requirements, e.g. 'accuracy>=94%'")  //
      ("algorithms", po::value(&given.algorithms)->value_name("LIST"),
       "comma-separated; default: all ('synth list algorithms')")                                                  //
      ("seeds", po::value(&options.seeds)->default_value(30)->value_name("N"), "runs per algorithm")               //
      ("seed", po::value(&given.seed)->default_value(1)->value_name("N"), "the first run's; the others count up")  //
      ("target-gap", po::value(&options.target_gap)->default_value(0.5, "0.5")->value_name("X"),
       "NetScore below the constrained optimum that counts as reached")                                           //
      ("target-score", po::value(&given.target_score)->value_name("X"), "NetScore to reach, instead of the gap")  //
      ("max-evaluations", po::value(&options.max_evaluations)->default_value(1000)->value_name("N"),
       "distinct, per run")                                                                             //
      ("full-curves", po::bool_switch(&options.run_on), "go on after the target to --max-evaluations")  //
      ("svg", po::value(&given.svg)->value_name("FILE"), "writes the curves as a picture")              //
      ("jobs", po::value(&options.jobs)->default_value(1)->value_name("N"),
       "runs side by side; never changes results")  //
      ("alpha", po::value(&options.score.alpha)->default_value(2, "2")->value_name("X"),
       "NetScore's weight of accuracy")                                                                           //
      ("beta", po::value(&options.score.beta)->default_value(0.5, "0.5")->value_name("X"), "of parameters")       //
      ("gamma", po::value(&options.score.gamma)->default_value(0.5, "0.5")->value_name("X"), "of multiply-adds")  //
      ("no-evidence", po::bool_switch(&given.no_evidence), "ablation: no probing evidence")                       //
      ("no-trust-region", po::bool_switch(&given.no_trust_region), "ablation: no trust region")                   //
      ("no-model", po::bool_switch(&given.no_model), "ablation: no learned model of accuracy");
}

// Before minutes of runs. A new file is made by the attempt and taken back.
void check_writable(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw InputError(fmt::format("--svg {}: is a folder; name a file", path));
  }
  std::error_code ignored;
  const bool existed = std::filesystem::exists(path, ignored);
  if (!std::ofstream(path, std::ios::binary | std::ios::app)) {
    throw search_space::EnvironmentError(
        fmt::format("--svg {}: cannot be written; its folder must exist and allow it", path));
  }
  if (!existed) std::filesystem::remove(path, ignored);
}

// An ablation without effect would let a user believe that the figures show it.
void refuse_idle_ablations(const CommandLine& line, const std::vector<std::string>& algorithms) {
  const std::string ours = "generative-synthesis";
  if (algorithms.empty() || std::count(algorithms.begin(), algorithms.end(), ours)) return;
  for (const char* option : {"no-evidence", "no-trust-region", "no-model"}) {
    if (!line.given(option)) continue;
    throw InputError(
        fmt::format("synth bench: --{} has no effect without {} among --algorithms; leave it out", option, ours));
  }
}

void settle(const CommandLine& line, BenchArguments& given) {
  if (line.given("target-score") && line.given("target-gap")) {
    throw InputError("synth bench: --target-score and --target-gap exclude each other; give one of them");
  }
  if (given.seed < 0) throw InputError(fmt::format("--seed: found {}, expected 0 or more", given.seed));
  engine::BenchOptions& options = given.options;
  const auto check_number = [](const char* option, double value, double smallest) {
    if (std::isfinite(value) && value >= smallest && value <= 1000) return;
    throw InputError(fmt::format("--{}: found {}, allowed are numbers from {} to 1000", option, value, smallest));
  };
  check_number("alpha", options.score.alpha, 0);
  check_number("beta", options.score.beta, 0);
  check_number("gamma", options.score.gamma, 0);
  check_number("target-gap", options.target_gap, 0);
  check_number("target-score", given.target_score, -1000);
  if (line.given("target-score")) options.target_score = given.target_score;
  std::istringstream names(given.algorithms);
  for (std::string name; std::getline(names, name, ',');) options.algorithms.push_back(name);
  refuse_idle_ablations(line, options.algorithms);
  options.requirements = engine::parse_requirements(given.require);
  options.config.seed = static_cast<std::uint64_t>(given.seed);
  options.config.evidence = !given.no_evidence;
  options.config.trust_region = !given.no_trust_region;
  options.config.model = !given.no_model;
}

void write_svg(const std::string& path, const engine::BenchResult& result) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << report::bench_svg(result)) || !file.flush()) {
    throw search_space::EnvironmentError(fmt::format("--svg: cannot write '{}'", path));
  }
}

// On a terminal one line that is redrawn, elsewhere a line every few seconds.
class RunCounter {
 public:
  explicit RunCounter(const Console& console) : quiet_(console.quiet()), live_(!quiet_ && is_terminal(stderr)) {}

  void operator()(int done, int runs) {
    const auto now = std::chrono::steady_clock::now();
    if (quiet_ || (shown_ && now - last_ < (live_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5)))) return;
    std::fprintf(stderr, live_ ? "\r\033[K%d of %d runs are finished " : "%d of %d runs are finished\n", done, runs);
    std::fflush(stderr);
    shown_ = true;
    last_ = now;
  }

  void clear() const {
    if (live_ && shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  const bool quiet_, live_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

int run_bench_command(const Command& self, const std::vector<std::string>& arguments) {
  BenchArguments given;
  CommandLine line(self);
  declare(line, given);
  if (!line.parse(arguments)) return Exit::done;
  settle(line, given);
  Console console(line.common());
  const auto table = evaluators::load_table(given.table);
  if (!given.svg.empty()) check_writable(given.svg);
  const Interrupt& interrupt = watch_for_interrupt(true);
  RunCounter counter(console);
  const engine::BenchResult result =
      engine::run_bench(*table, given.options, std::ref(counter), &interrupt.stop, &interrupt.hard_stop);
  counter.clear();
  if (line.common().json) print_json(report::bench_json(result));
  if (!result.infeasible.empty()) {
    console.warn("synth: infeasible: " + result.infeasible);
    return Exit::infeasible;
  }
  if (!line.common().json) {
    std::fputs(report::bench_text(result, output_width()).c_str(), stdout);
  }
  if (!given.svg.empty() && !result.algorithms.empty()) write_svg(given.svg, result);
  if (!result.interrupted()) return Exit::done;
  console.note(
      fmt::format("interrupted: {} of {} runs are finished, and the figures are theirs; a bench cannot be resumed",
                  result.finished_runs, result.runs));
  return Exit::interrupted;
}

}  // namespace

Command bench_command() {
  return {"bench", "search algorithms side by side on a tabular benchmark", run_bench_command};
}

}  // namespace synth::cli
