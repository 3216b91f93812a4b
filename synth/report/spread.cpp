// How the networks of one generator spread, and by how much they meet the requirements.
#include "synth/report/spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "synth/report/table.h"

namespace synth::report {

Spread spread_of(const RunView& view, const results_db::GeneratorRecord& generator) {
  const auto& requirements = view.objective->requirements();
  Spread spread;
  for (const int id : std::set<int>(generator.networks.begin(), generator.networks.end())) {
    const results_db::Record& record = view.record(id);
    const auto& cost = record.evaluation.cost;
    ++spread.distinct;
    spread.feasible += record.feasible ? 1 : 0;
    spread.fewest_parameters = std::min(spread.fewest_parameters, cost.parameters());
    spread.most_parameters = std::max(spread.most_parameters, cost.parameters());
    spread.fewest_multiply_adds = std::min(spread.fewest_multiply_adds, cost.multiply_adds);
    spread.most_multiply_adds = std::max(spread.most_multiply_adds, cost.multiply_adds);
    spread.most_weight_bytes = std::max(spread.most_weight_bytes, cost.weight_bytes(requirements.weight_bits));
    spread.most_activation_bytes =
        std::max(spread.most_activation_bytes, cost.peak_activation_bytes(requirements.activation_bits));
    spread.highest_latency_ms = std::max(spread.highest_latency_ms, record.evaluation.latency_ms);
    spread.most_flash = std::max(spread.most_flash, cost.deployment.flash());
    spread.most_ram = std::max(spread.most_ram, cost.deployment.ram);
    spread.most_cycles = std::max(spread.most_cycles, cost.deployment.instructions);
    if (record.evaluation.outcome != evaluators::Outcome::trained) continue;
    ++spread.trained;
    spread.lowest_performance = std::min(spread.lowest_performance, record.performance);
    spread.highest_performance = std::max(spread.highest_performance, record.performance);
    spread.lowest_bound = std::min(spread.lowest_bound, record.accuracy_lower_bound);
  }
  return spread;
}

std::vector<Margin> margins_of(const RunView& view, const results_db::GeneratorRecord& generator) {
  const Spread spread = spread_of(view, generator);
  std::vector<Margin> margins;
  if (spread.trained == 0) return margins;
  if (const double required = view.objective->required_accuracy(); required > 0) {
    margins.push_back({"accuracy", required, spread.lowest_bound, spread.lowest_bound - required});
  }
  const auto& requirements = view.objective->requirements();
  const auto at_most = [&](const char* name, const auto& bound, double worst) {
    if (!bound) return;
    const auto limit = static_cast<double>(*bound);
    margins.push_back({name, limit, worst, limit == 0 ? 0 : (limit - worst) / limit});
  };
  at_most("params", requirements.parameters, static_cast<double>(spread.most_parameters));
  at_most("macs", requirements.multiply_adds, static_cast<double>(spread.most_multiply_adds));
  at_most("weight_bytes", requirements.weight_bytes, static_cast<double>(spread.most_weight_bytes));
  at_most("peak_activation_bytes", requirements.peak_activation_bytes,
          static_cast<double>(spread.most_activation_bytes));
  at_most("latency_ms", requirements.latency_ms, spread.highest_latency_ms);
  at_most("flash", requirements.flash, static_cast<double>(spread.most_flash));
  at_most("ram", requirements.ram, static_cast<double>(spread.most_ram));
  at_most("latency_cycles", requirements.latency_cycles, static_cast<double>(spread.most_cycles));
  return margins;
}

std::string format_margins(const std::vector<Margin>& margins) {
  std::string text;
  for (const Margin& margin : margins) {
    if (!text.empty()) text += ", ";
    if (margin.requirement == "accuracy") {
      text += fmt::format("accuracy {:+.2f} points", margin.relative * 100);
    } else if (margin.relative >= 0) {
      text += fmt::format("{} {:.0f} % to spare", margin.requirement, margin.relative * 100);
    } else {
      text += fmt::format("{} {:.0f} % over", margin.requirement, -margin.relative * 100);
    }
  }
  return text;
}

std::string format_range(std::int64_t low, std::int64_t high) {
  if (low > high) return "-";
  const std::string first = format_count(static_cast<double>(low)), last = format_count(static_cast<double>(high));
  if (first == last) return first;
  const auto unit = [](const std::string& figure) { return figure.substr(std::min(figure.find(' '), figure.size())); };
  const bool same_unit = unit(first) == unit(last);
  return (same_unit ? first.substr(0, first.size() - unit(first).size()) : first) + "-" + last;
}

}  // namespace synth::report
