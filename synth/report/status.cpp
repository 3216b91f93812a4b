// Where a run stands, as text and JSON.
#include "synth/report/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "synth/report/sessions.h"
#include "synth/report/spread.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;

// The stored configuration is JSON; a damaged one is shown as it is rather than hiding the rest.
ordered_json parsed(const std::string& text) {
  ordered_json json = ordered_json::parse(text, nullptr, false);
  return json.is_discarded() ? ordered_json(text) : json;
}

std::string plain(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string setting(const ordered_json& config, const char* name) {
  return config.is_object() && config.contains(name) ? plain(config[name]) : std::string();
}

double training_seconds(const RunView& view) {
  double sum = 0;
  for (const auto& record : view.records) sum += record.evaluation.seconds;
  return sum;
}

std::map<std::string, int> outcomes(const RunView& view) {
  std::map<std::string, int> counts;
  for (const auto& record : view.records) ++counts[std::string(evaluators::outcome_name(record.evaluation.outcome))];
  return counts;
}

int accepted(const RunView& view) {
  return static_cast<int>(
      std::count_if(view.generators.begin(), view.generators.end(), [](const auto& g) { return g.accepted; }));
}

// Where a requirement asks for it.
std::string deployment_text(const search_space::Deployment& deployment) {
  if (deployment.kernels == 0) return {};
  return fmt::format(", {} of flash, {} of RAM, {} cycles", format_bytes(deployment.flash()),
                     format_bytes(deployment.ram), format_count(static_cast<double>(deployment.instructions)));
}

std::string network_line(const RunView& view, const results_db::Record& record) {
  const auto& cost = record.evaluation.cost;
  const std::string expected =
      view.expected_full.empty() || !std::isfinite(view.expected_full[record.id - 1])
          ? std::string()
          : fmt::format(", about {} expected of full training", format_percent(view.expected_full[record.id - 1]));
  return fmt::format(
      "#{} (key {}): accuracy {} (lower bound {}{}), {} parameters, {} multiply-adds, {} of weights, "
      "NetScore {}",
      record.id, record.key.substr(0, 8), format_percent(record.evaluation.accuracy),
      format_percent(record.accuracy_lower_bound), expected, format_count(static_cast<double>(cost.parameters())),
      format_count(static_cast<double>(cost.multiply_adds)),
      format_bytes(cost.weight_bytes(view.objective->requirements().weight_bits)) + deployment_text(cost.deployment),
      format_score(record.performance));
}

std::string family_text(const RunView& view, int columns) {
  Table table({{"member", Align::left}, {"network"}, {"generator"}, {"result", Align::left, true}});
  for (const auto& member : view.family) {
    std::string figures;
    const ordered_json result = parsed(member.result);
    for (const auto& [key, label] : {std::pair{"test_accuracy", "test"}, {"int8_test_accuracy", "int8 test"}}) {
      if (result.is_object() && result.contains(key) && result[key].is_number()) {
        figures +=
            fmt::format("{}{} {}", figures.empty() ? "" : ", ", label, format_percent(result[key].get<double>()));
      }
    }
    table.add({member.name, fmt::format("#{}", member.network), fmt::format("G{}", member.generator), figures});
  }
  return "\nFamily\n" + table.text(columns);
}

}  // namespace

std::string generators_table(const RunView& view, int columns) {
  if (accepted(view) == 0) return "No generator has been accepted.\n";
  Table table({{"generator", Align::left},
               {"mean U"},
               {"U min-max"},
               {"accuracy min"},
               {"parameters"},
               {"multiply-adds"},
               {"feasible"}});
  for (const auto& generator : view.generators) {
    if (!generator.accepted) continue;
    const Spread spread = spread_of(view, generator);
    table.add({fmt::format("G{}", generator.index), format_score(generator.mean_performance),
               fmt::format("{}-{}", format_score(spread.lowest_performance), format_score(spread.highest_performance)),
               format_percent(minimum_accuracy(view, generator)),
               format_range(spread.fewest_parameters, spread.most_parameters),
               format_range(spread.fewest_multiply_adds, spread.most_multiply_adds),
               fmt::format("{}/{}", spread.feasible, spread.distinct)});
  }
  return table.text(columns);
}

std::string status_text(const RunView& view, int columns) {
  const auto& run = view.run;
  const ordered_json config = parsed(run.config);
  const bool more = !run.message.empty() && run.message != run.state;
  std::string out = wrapped_text(
      fmt::format("{}: {}{}\n\n", view.name, run.state, more ? ", " + run.message : std::string()), columns);
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += wrapped_text(fmt::format("{:<14}{}\n", name, value), columns, 14);
  };
  line("algorithm", setting(config, "algorithm"));
  line("prototype", setting(config, "prototype"));
  line("data", run.data);
  line("require", engine::to_string(view.objective->requirements()));
  line("seeds", setting(config, "seeds"));
  line("run seed", setting(config, "seed"));
  std::string kinds;
  for (const auto& [name, count] : outcomes(view)) {
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, name);
  }
  line("evaluations", fmt::format("{}{}", view.records.size(), kinds.empty() ? "" : " (" + kinds + ")"));
  line("proposals", fmt::format("{}, {} accepted", view.generators.size(), accepted(view)));
  line("time", fmt::format("{}; networks took {} of thread time", format_seconds(run.seconds),
                           format_seconds(training_seconds(view))));
  for (const auto& [name, value] : session_lines(view)) line(name, value);
  line("best", view.best() != nullptr ? network_line(view, *view.best()) : "no network meets the requirements yet");
  if (!view.generators.empty()) out += "\nAccepted generators\n" + generators_table(view, columns);
  if (!view.family.empty()) out += family_text(view, columns);
  return out;
}

ordered_json status_json(const RunView& view) {
  ordered_json generators = ordered_json::array();
  for (const auto& generator : view.generators) generators.push_back(generator_json(view, generator));
  ordered_json family = ordered_json::array();
  for (const auto& member : view.family) {
    ordered_json result = parsed(member.result);
    if (result.is_object()) result.erase("test_errors");  // long; the page shows them
    family.push_back({{"name", member.name},
                      {"id", member.network},
                      {"generator", member.generator},
                      {"result", std::move(result)}});
  }
  const ordered_json config = parsed(view.run.config);
  return {{"schema", "synth/status/1"},
          {"state", view.run.state},
          {"message", view.run.message},
          {"algorithm", setting(config, "algorithm")},
          {"evaluations", view.records.size()},
          {"outcomes", outcomes(view)},
          {"seconds", view.run.seconds},
          {"evaluation_seconds", training_seconds(view)},
          {"generators", std::move(generators)},
          {"best", view.best() != nullptr ? network_json(view, *view.best()) : ordered_json()},
          {"family", std::move(family)},
          {"sessions", sessions_json(view)},
          {"crashes", crashes_json(view)},
          {"requirements", engine::to_string(view.objective->requirements())},
          {"config", config},
          {"config_hash", view.run.config_hash},
          {"data", view.run.data},
          {"data_fingerprint", view.run.data_fingerprint},
          {"evaluator", view.run.evaluator},
          {"versions", parsed(view.run.versions)}};
}

}  // namespace synth::report
