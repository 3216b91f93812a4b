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

// Distinct evaluations at which the best so far is told, as far as the budget goes.
constexpr int checkpoints[] = {20, 50, 100, 200, 500};

ordered_json fidelity_json(const engine::Fidelity& fidelity) {
  const auto number = [](const std::optional<double>& value) { return value ? ordered_json(*value) : ordered_json(); };
  return {{"cost_fraction", fidelity.cost_fraction},
          {"networks", fidelity.networks},
          {"spearman", number(fidelity.of_all)},
          {"feasible_networks", fidelity.feasible},
          {"spearman_feasible", number(fidelity.of_feasible)}};
}

ordered_json algorithm_json(const AlgorithmResult& result, int max_evaluations) {
  ordered_json best_at = ordered_json::object();
  for (const int at : checkpoints) {
    if (at > max_evaluations) continue;
    const auto best = result.median_at(at);
    best_at[std::to_string(at)] = best ? ordered_json(*best) : ordered_json();
  }
  ordered_json curve = ordered_json::array(), runs = ordered_json::array();
  for (const auto& point : result.curve) curve.push_back({point.evaluations, point.performance});
  for (const auto& run : result.runs) {
    ordered_json improvements = ordered_json::array();
    for (const auto& point : run.improvements) improvements.push_back({point.evaluations, point.performance});
    runs.push_back({{"seed", run.seed},
                    {"evaluations_to_target", run.to_target ? ordered_json(*run.to_target) : ordered_json()},
                    {"evaluations", run.evaluations},
                    {"improvements", std::move(improvements)}});
  }
  return {{"name", result.name},
          {"seeds", result.runs.size()},
          {"median_evaluations_to_target", result.to_target.median},
          {"quartiles_to_target", {result.to_target.lower, result.to_target.upper}},
          {"success_rate", result.success_rate},
          {"best_at", best_at},
          {"curve", curve},
          {"runs", runs},
          {"overhead_ms_per_evaluation", result.overhead_ms},
          {"cpu_seconds", result.cpu_seconds},
          {"wall_seconds", result.wall_seconds}};
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
                           {"cheap_accuracy", result.fidelity ? fidelity_json(*result.fidelity) : ordered_json()},
                           {"target", result.infeasible.empty() ? ordered_json(result.target) : ordered_json()},
                           {"max_evaluations", result.max_evaluations},
                           {"full_curves", result.run_on},
                           {"prototype",
                            {{"design", result.prototype},
                             {"netscore", result.prototype_performance},
                             {"feasible", result.prototype_feasible}}},
                           {"runs", result.runs},
                           {"finished_runs", result.finished_runs},
                           {"interrupted", result.interrupted()},
                           {"algorithms", ordered_json::array()},
                           {"wall_seconds", result.wall_seconds}};
  if (result.optimum) {
    const auto& evaluation = result.optimum->evaluation;
    document["optimum"] = {{"design", result.optimum->design},
                           {"netscore", result.optimum->performance},
                           {"accuracy", evaluation.accuracy},
                           {"parameters", evaluation.cost.parameters()},
                           {"multiply_adds", evaluation.cost.multiply_adds},
                           {"exact", result.optimum_exact}};
  }
  for (const auto& algorithm : result.algorithms) {
    document["algorithms"].push_back(algorithm_json(algorithm, result.max_evaluations));
  }
  return document;
}

namespace {

std::string fidelity_text(const engine::Fidelity& fidelity) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : std::string("-");
  };
  return fmt::format(
      "cheap accuracy, {:.1f} % of the cost: rank correlation with the full one {} over all networks, {} over the {} "
      "feasible\n",
      100 * fidelity.cost_fraction, number(fidelity.of_all), number(fidelity.of_feasible), fidelity.feasible);
}

std::string head_text(const BenchResult& result) {
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
  if (result.fidelity) text += fidelity_text(*result.fidelity);
  text += fmt::format("prototype {}{}; target: a feasible network with NetScore {} or more\n\n",
                      format_score(result.prototype_performance), result.prototype_feasible ? "" : " (infeasible)",
                      format_score(result.target));
  return text;
}

Table algorithms_table(const BenchResult& result) {
  std::vector<Column> heads = {{"algorithm", Align::left}};
  if (result.interrupted()) heads.push_back({"runs"});
  heads.insert(heads.end(), {{"evaluations"}, {"quartiles"}, {"success"}});
  for (const int at : checkpoints) {
    if (at <= result.max_evaluations) heads.push_back({fmt::format("best at {}", at)});
  }
  heads.insert(heads.end(), {{"cpu ms/evaluation"}, {"cpu s"}, {"wall s"}});
  Table table(std::move(heads));
  for (const AlgorithmResult& algorithm : result.algorithms) {
    std::vector<std::string> row = {algorithm.name};
    if (result.interrupted()) row.push_back(std::to_string(algorithm.runs.size()));
    row.insert(row.end(), {fmt::format("{:g}", algorithm.to_target.median),
                           fmt::format("{:g}-{:g}", algorithm.to_target.lower, algorithm.to_target.upper),
                           fmt::format("{:.2f}", algorithm.success_rate)});
    for (const int at : checkpoints) {
      if (at > result.max_evaluations) continue;
      const auto best = algorithm.median_at(at);
      row.push_back(best ? format_score(*best) : "-");
    }
    row.push_back(fmt::format("{:.2g}", algorithm.overhead_ms));
    row.push_back(fmt::format("{:.2f}", algorithm.cpu_seconds));
    row.push_back(fmt::format("{:.2f}", algorithm.wall_seconds));
    table.add(std::move(row));
  }
  return table;
}

}  // namespace

std::string bench_text(const BenchResult& result, int columns) {
  const std::string head = wrapped_text(head_text(result), columns);
  if (result.algorithms.empty()) return head + "no run was finished\n";
  const std::string runs = result.interrupted() ? "the finished" : std::to_string(result.seeds);
  return head + algorithms_table(result).text(columns) +
         wrapped_text(
             fmt::format(
                 "\nevaluations: distinct, until the target; median of {} runs, where a run that missed it "
                 "counts as {}\n"
                 "best at N: median NetScore of the best feasible network so far, judged without noise{}\n"
                 "cpu s, wall s: processor and wall time, added up over the runs; the whole bench took {:.2f} s "
                 "of wall time\n",
                 runs, result.max_evaluations, result.run_on ? "" : "; runs end at the target", result.wall_seconds),
             columns) +
         (result.interrupted() ? wrapped_text(fmt::format("interrupted: {} of {} runs were finished\n",
                                                          result.finished_runs, result.runs),
                                              columns)
                               : "");
}

}  // namespace synth::report
