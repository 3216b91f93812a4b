// Processor time of the engine per evaluation on a table whose target is never reached, and how it grows.
// Usage: bench_overhead TABLE.json REQUIREMENTS [EVALUATIONS]
#include <fmt/format.h>

#include <cstdlib>

#include "evaluators/table.h"
#include "synth/engine/bench.h"

int main(int count, char** arguments) {
  if (count < 3) {
    fmt::print(stderr, "usage: bench_overhead TABLE.json REQUIREMENTS [EVALUATIONS]\n");
    return 2;
  }
  const auto table = evaluators::load_table(arguments[1]);
  const int most = count > 3 ? std::atoi(arguments[3]) : 1000;
  synth::engine::BenchOptions options;
  options.algorithms = {"generative-synthesis"};
  options.seeds = 1;
  options.target_score = 1e9;
  options.requirements = synth::engine::parse_requirements(arguments[2]);
  for (const int evaluations : {most / 4, most / 2, most}) {
    options.max_evaluations = evaluations;
    const auto result = synth::engine::run_bench(*table, options, {});
    fmt::print("{}: {} evaluations, {:.2f} s, {:.1f} ms per evaluation\n", table->title(), evaluations,
               result.algorithms.front().cpu_seconds, result.algorithms.front().overhead_ms);
    std::fflush(stdout);
  }
}
