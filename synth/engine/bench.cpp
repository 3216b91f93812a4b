// Runs algorithms on a table and summarises what they needed.
#include "synth/engine/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <exception>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "search_space/errors.h"

namespace synth::engine {

using evaluators::Table;
using search_space::InputError;

namespace {

// Judges every committed evaluation without noise, and ends the run at the target.
class Judge : public Observer {
 public:
  Judge(const Table& table, const Objective& objective, double target, bool run_on)
      : table_(table), objective_(objective), target_(target), run_on_(run_on) {}

  void on_evaluation(const Record& record) override {
    ++result.evaluations;
    if (record.evaluation.outcome != evaluators::Outcome::trained) return;
    const evaluators::Evaluation evaluation = judged(table_, record.design);
    if (!objective_.feasible(evaluation)) return;
    const double performance = objective_.performance(evaluation);
    if (result.improvements.empty() || performance > result.improvements.back().performance) {
      result.improvements.push_back({result.evaluations, performance});
    }
    if (performance < target_ || result.to_target) return;
    result.to_target = result.evaluations;
    if (!run_on_) stop = true;
  }

  SeedResult result;
  std::atomic<bool> stop = false;

 private:
  const Table& table_;
  const Objective& objective_;
  const double target_;
  const bool run_on_;
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double wall_seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One run, in this thread alone. Empty if it was given up after `hard_stop`.
std::optional<SeedResult> run_seed(const Table& table, const BenchOptions& options, const Objective& judge_objective,
                                   double target, const std::string& algorithm, std::uint64_t seed,
                                   const std::atomic<bool>* hard_stop) {
  Judge judge(table, judge_objective, target, options.run_on);
  Config config = options.config;
  config.algorithm = algorithm;
  config.seed = seed;
  config.seeds = 1;  // searching for one network: a generator of several would spend evaluations on all of them
  config.evaluations = options.max_evaluations;
  config.jobs = 1;
  config.at_once = 1;  // every decision on all that is known: evaluations are counted, not time
  const double cpu_start = thread_seconds();
  const auto start = std::chrono::steady_clock::now();
  Experiment experiment(table, table, Objective(options.score, options.requirements), config, {&judge}, {}, &judge.stop,
                        hard_stop);
  const std::string state = run(experiment);
  if (state == "interrupted" && !judge.stop) return std::nullopt;
  judge.result.seed = seed;
  judge.result.cpu_seconds = thread_seconds() - cpu_start;
  judge.result.wall_seconds = wall_seconds_since(start);
  return std::move(judge.result);
}

// Calls task(0) ... task(count - 1) from `jobs` threads, none any more after `stop`; the first failure is passed on.
void for_all(int count, int jobs, const std::atomic<bool>* stop, const std::function<void(int)>& task) {
  std::atomic<int> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    for (int i = next++; i < count && !(stop && *stop); i = next++) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < std::min(jobs, count); ++i) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

// The median over runs of the best so far, at every evaluation where it changes.
std::vector<Improvement> median_curve(const std::vector<SeedResult>& runs) {
  std::set<int> changes;
  for (const SeedResult& run : runs) {
    for (const Improvement& improvement : run.improvements) changes.insert(improvement.evaluations);
  }
  std::vector<Improvement> curve;
  for (const int evaluations : changes) {
    std::vector<double> values;
    for (const SeedResult& run : runs) {
      values.push_back(run.best_at(evaluations).value_or(-std::numeric_limits<double>::infinity()));
    }
    std::sort(values.begin(), values.end());
    const double low = values[(values.size() - 1) / 2], high = values[values.size() / 2];
    if (std::isinf(low)) continue;
    const double median = (low + high) / 2;
    if (curve.empty() || median > curve.back().performance) curve.push_back({evaluations, median});
  }
  return curve;
}

AlgorithmResult summarise(const std::string& name, std::vector<SeedResult> runs, int max_evaluations) {
  AlgorithmResult result;
  result.name = name;
  std::vector<double> needed;
  double evaluations = 0;
  for (const SeedResult& run : runs) {
    needed.push_back(run.to_target.value_or(max_evaluations));
    result.success_rate += run.to_target ? 1 : 0;
    result.cpu_seconds += run.cpu_seconds;
    result.wall_seconds += run.wall_seconds;
    evaluations += run.evaluations;
  }
  result.success_rate /= static_cast<double>(runs.size());
  result.to_target = quartiles(needed);
  result.curve = median_curve(runs);
  result.overhead_ms = 1e3 * result.cpu_seconds / std::max(1.0, evaluations);
  result.runs = std::move(runs);
  return result;
}

std::vector<std::string> chosen_algorithms(const BenchOptions& options) {
  std::vector<std::string> known;
  for (const AlgorithmInfo& info : algorithms()) known.push_back(info.name);
  if (options.algorithms.empty()) return known;
  std::set<std::string> seen;
  for (const std::string& name : options.algorithms) {
    if (!seen.insert(name).second) {
      throw InputError(fmt::format("--algorithms: '{}' is named twice, allowed is once; leave one out", name));
    }
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw InputError(
          fmt::format("--algorithms: unknown algorithm '{}'{}", name, search_space::suggestion(name, known)));
    }
  }
  return options.algorithms;
}

void check(const BenchOptions& options) {
  const auto refuse_below_one = [](const char* option, int value) {
    if (value < 1) throw InputError(fmt::format("{}: found {}, expected at least 1", option, value));
  };
  refuse_below_one("--seeds", options.seeds);
  refuse_below_one("--max-evaluations", options.max_evaluations);
  refuse_below_one("--jobs", options.jobs);
  if (!(options.target_gap >= 0)) {
    throw InputError(fmt::format("--target-gap: found {}, expected 0 or more", options.target_gap));
  }
  if (options.requirements.latency_ms || options.requirements.peak_activation_bytes ||
      options.requirements.deployed()) {
    throw InputError(
        "--require: a table knows accuracy, params, macs and weight_bytes, but neither latency_ms nor "
        "peak_activation_bytes, flash, ram or latency_cycles; leave them out");
  }
}

// What is known before any run; resolves an accuracy relative to the prototype.
BenchResult describe(const Table& table, const BenchOptions& options, Objective& objective) {
  const evaluators::Evaluation prototype = judged(table, table.prototype());
  objective.set_prototype(prototype);
  BenchResult result;
  result.table = table.title();
  result.log10_size = table.log10_size();
  result.requirements = to_string(options.requirements);
  result.prototype = table.prototype();
  result.prototype_performance = objective.performance(prototype);
  result.prototype_feasible = objective.feasible(prototype);
  result.fidelity = fidelity_of(table, objective);
  result.noisy = table.noisy();
  result.run_on = options.run_on;
  result.seeds = options.seeds;
  result.max_evaluations = options.max_evaluations;
  return result;
}

void set_target(BenchResult& result, const Table& table, const BenchOptions& options, const Objective& objective) {
  if (options.target_score) {
    result.target = *options.target_score;
    return;
  }
  const OptimumSearch search = constrained_optimum(table, objective);
  if (search.best) {
    result.optimum = search.best;
    result.optimum_exact = search.exact;
    result.target = search.best->performance - options.target_gap;
  } else {
    const char* what = search.exact ? "no network meets" : "a long search found no network that meets";
    result.infeasible = fmt::format("table '{}': {} {}", result.table, what, result.requirements);
  }
}

}  // namespace

Quartiles quartiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double fraction) {
    const double position = fraction * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(position);
    const std::size_t high = std::min(low + 1, values.size() - 1);
    return values[low] + (position - static_cast<double>(low)) * (values[high] - values[low]);
  };
  return {at(0.25), at(0.5), at(0.75)};
}

std::optional<double> SeedResult::best_at(int evaluations) const {
  std::optional<double> best;
  for (const Improvement& improvement : improvements) {
    if (improvement.evaluations <= evaluations) best = improvement.performance;
  }
  return best;
}

std::optional<double> AlgorithmResult::median_at(int evaluations) const {
  std::optional<double> median;
  for (const Improvement& improvement : curve) {
    if (improvement.evaluations <= evaluations) median = improvement.performance;
  }
  return median;
}

BenchResult run_bench(const Table& table, const BenchOptions& options,
                      const std::function<void(int done, int runs)>& progress, const std::atomic<bool>* stop,
                      const std::atomic<bool>* hard_stop) {
  check(options);
  const std::vector<std::string> names = chosen_algorithms(options);
  const auto start = std::chrono::steady_clock::now();
  Objective objective(options.score, options.requirements);
  BenchResult result = describe(table, options, objective);
  set_target(result, table, options, objective);
  if (!result.infeasible.empty()) return result;
  result.runs = static_cast<int>(names.size()) * options.seeds;
  std::vector<std::optional<SeedResult>> runs(result.runs);  // by algorithm, then seed
  std::mutex mutex;
  for_all(result.runs, options.jobs, stop, [&](int task) {
    const int algorithm = task / options.seeds, seed = task % options.seeds;
    runs[task] =
        run_seed(table, options, objective, result.target, names[algorithm], options.config.seed + seed, hard_stop);
    if (!runs[task]) return;
    const std::lock_guard lock(mutex);
    ++result.finished_runs;
    if (progress) progress(result.finished_runs, result.runs);
  });
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<SeedResult> finished;
    for (int seed = 0; seed < options.seeds; ++seed) {
      std::optional<SeedResult>& run = runs[i * options.seeds + seed];
      if (run) finished.push_back(std::move(*run));
    }
    if (finished.empty()) continue;
    result.algorithms.push_back(summarise(names[i], std::move(finished), options.max_evaluations));
  }
  result.wall_seconds = wall_seconds_since(start);
  return result;
}

}  // namespace synth::engine
