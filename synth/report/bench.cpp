// Benchmarks as a table and as JSON.
#include "synth/report/bench.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "synth/report/table.h"

namespace synth::report {

using engine::AlgorithmResult;
using engine::BenchResult;
using nlohmann::ordered_json;

namespace {

constexpr int checkpoints[] = {20, 50, 100, 200, 500};  // distinct evaluations at which the table shows the best so far

ordered_json algorithm_json(const AlgorithmResult& result) {
  ordered_json curve = ordered_json::array(), runs = ordered_json::array();
  for (const auto& point : result.curve) curve.push_back({point.evaluations, point.performance});
  for (const auto& run : result.runs) {
    runs.push_back({{"seed", run.seed},
                    {"evaluations_to_target", run.to_target ? ordered_json(*run.to_target) : ordered_json()},
                    {"evaluations", run.evaluations}});
  }
  return {{"name", result.name},
          {"seeds", result.runs.size()},
          {"median_evaluations_to_target", result.to_target.median},
          {"quartiles_to_target", {result.to_target.lower, result.to_target.upper}},
          {"success_rate", result.success_rate},
          {"curve", curve},
          {"runs", runs},
          {"overhead_ms_per_evaluation", result.overhead_ms},
          {"seconds", result.seconds}};
}

}  // namespace

ordered_json bench_json(const BenchResult& result) {
  ordered_json document = {{"schema", "synth/bench/1"},
                           {"table", result.table},
                           {"log10_size", result.log10_size},
                           {"noisy", result.noisy},
                           {"requirements", result.requirements},
                           {"infeasible", result.infeasible.empty() ? ordered_json() : ordered_json(result.infeasible)},
                           {"optimum", nullptr},
                           {"target", result.infeasible.empty() ? ordered_json(result.target) : ordered_json()},
                           {"max_evaluations", result.max_evaluations},
                           {"full_curves", result.run_on},
                           {"prototype",
                            {{"design", result.prototype},
                             {"netscore", result.prototype_performance},
                             {"feasible", result.prototype_feasible}}},
                           {"algorithms", ordered_json::array()},
                           {"seconds", result.seconds}};
  if (result.optimum) {
    const auto& evaluation = result.optimum->evaluation;
    document["optimum"] = {{"design", result.optimum->design},
                           {"netscore", result.optimum->performance},
                           {"accuracy", evaluation.accuracy},
                           {"parameters", evaluation.cost.parameters()},
                           {"multiply_adds", evaluation.cost.multiply_adds},
                           {"exact", result.optimum_exact}};
  }
  for (const auto& algorithm : result.algorithms) document["algorithms"].push_back(algorithm_json(algorithm));
  return document;
}

std::string bench_text(const BenchResult& result, int columns) {
  std::string text = fmt::format("{}: 10^{:.1f} networks{}, {}\n", result.table, result.log10_size,
                                 result.noisy ? ", noisy accuracy" : "", result.requirements);
  if (result.optimum) {
    text += fmt::format("constrained optimum {} ({}): accuracy {}, {} parameters, {} multiply-adds\n",
                        format_score(result.optimum->performance),
                        result.optimum_exact ? "exact" : "best known, by a long search",
                        format_percent(result.optimum->evaluation.accuracy),
                        format_count(static_cast<double>(result.optimum->evaluation.cost.parameters())),
                        format_count(static_cast<double>(result.optimum->evaluation.cost.multiply_adds)));
  }
  text += fmt::format("prototype {}{}; target: a feasible network with NetScore {} or more\n\n",
                      format_score(result.prototype_performance), result.prototype_feasible ? "" : " (infeasible)",
                      format_score(result.target));
  std::vector<Column> heads = {{"algorithm", Align::left}, {"evaluations"}, {"quartiles"}, {"success"}};
  for (const int at : checkpoints) {
    if (at <= result.max_evaluations) heads.push_back({fmt::format("best at {}", at)});
  }
  heads.insert(heads.end(), {{"ms/evaluation"}, {"seconds"}});
  Table table(std::move(heads));
  for (const AlgorithmResult& algorithm : result.algorithms) {
    std::vector<std::string> row = {algorithm.name, fmt::format("{:g}", algorithm.to_target.median),
                                    fmt::format("{:g}-{:g}", algorithm.to_target.lower, algorithm.to_target.upper),
                                    fmt::format("{:.2f}", algorithm.success_rate)};
    for (const int at : checkpoints) {
      if (at > result.max_evaluations) continue;
      const auto best = algorithm.median_at(at);
      row.push_back(best ? format_score(*best) : "-");
    }
    row.push_back(fmt::format("{:.2g}", algorithm.overhead_ms));
    row.push_back(fmt::format("{:.1f}", algorithm.seconds));
    table.add(std::move(row));
  }
  return wrapped_text(text, columns) + table.text(columns) +
         wrapped_text(
             fmt::format("\nevaluations: distinct, until the target; median of {} runs, where a run that missed it "
                         "counts as {}\n"
                         "best at N: median NetScore of the best feasible network so far, judged without noise{}\n",
                         result.seeds, result.max_evaluations, result.run_on ? "" : "; runs end at the target"),
             columns);
}

}  // namespace synth::report
