// The harness behind `synth bench`: runs search algorithms on a table with many seeds and counts the distinct
// evaluations until a feasible network lies within a gap of the constrained optimum.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "synth/engine/bench_optimum.h"
#include "synth/engine/experiment.h"
#include "synth/engine/fidelity.h"

namespace synth::engine {

struct BenchOptions {
  std::vector<std::string> algorithms;  // empty = all
  int seeds = 30;                       // runs per algorithm, with the seeds config.seed, config.seed + 1, ...
  int max_evaluations = 1000;           // distinct, per run
  double target_gap = 0.5;              // below the constrained optimum, in U
  std::optional<double> target_score;   // instead of the gap
  bool run_on = false;                  // go on to max_evaluations after the target, for full curves
  int jobs = 1;                         // runs at once; never changes results
  NetScore score;
  Requirements requirements;
  Config config;  // first seed and ablations; algorithm, evaluations and jobs are the bench's own
};

// The best feasible network so far rose to `performance` at this distinct evaluation.
struct Improvement {
  int evaluations = 0;
  double performance = 0;
};

// Everything is judged on noise-free accuracies, whatever the algorithm saw.
struct SeedResult {
  std::uint64_t seed = 0;
  int evaluations = 0;           // distinct, when the run ended
  std::optional<int> to_target;  // distinct evaluations when the target was reached
  std::vector<Improvement> improvements;
  double cpu_seconds = 0;   // of the run's thread; the table itself takes next to nothing
  double wall_seconds = 0;  // from the run's start to its end, with whatever else the machine did

  std::optional<double> best_at(int evaluations) const;
};

struct Quartiles {
  double lower = 0, median = 0, upper = 0;
};

struct AlgorithmResult {
  std::string name;
  std::vector<SeedResult> runs;  // the finished ones, at least one
  Quartiles to_target;           // a run that missed the target counts as max_evaluations
  double success_rate = 0;
  // Median over the runs of the best U so far, where at least half have a feasible network; one point per change.
  std::vector<Improvement> curve;
  double overhead_ms = 0;  // the algorithm's own processor time per distinct evaluation
  // Sums over its runs; runs side by side overlap in wall time.
  double cpu_seconds = 0, wall_seconds = 0;

  std::optional<double> median_at(int evaluations) const;
};

struct BenchResult {
  std::string infeasible;  // why there is no target to reach, and nothing was run; empty if there is one
  std::string table;
  double log10_size = 0;
  std::string requirements;
  search_space::Design prototype;
  double prototype_performance = 0;
  bool prototype_feasible = false;
  std::optional<Optimum> optimum;    // absent where a target score was given
  bool optimum_exact = false;        // else the best that a long search found
  std::optional<Fidelity> fidelity;  // where the table has cheap accuracies
  double target = 0;                 // U to reach
  bool noisy = false;
  bool run_on = false;
  int seeds = 0, max_evaluations = 0;
  int runs = 0, finished_runs = 0;          // of all algorithms
  std::vector<AlgorithmResult> algorithms;  // without those of which no run was finished
  double wall_seconds = 0;                  // from the search for the optimum to the last run's end

  bool interrupted() const { return finished_runs < runs; }
};

// InputError for options that ask for what a table does not know. `progress` hears after every run how many of how many
// are done. After `stop` no run begins and those under way are finished; after `hard_stop` they are given up.
BenchResult run_bench(const evaluators::Table& table, const BenchOptions& options,
                      const std::function<void(int done, int runs)>& progress = {},
                      const std::atomic<bool>* stop = nullptr, const std::atomic<bool>* hard_stop = nullptr);

Quartiles quartiles(std::vector<double> values);  // linear interpolation; `values` not empty

}  // namespace synth::engine
