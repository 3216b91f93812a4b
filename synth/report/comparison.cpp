// Networks side by side, as in the papers' tables.
#include "synth/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "synth/report/table.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;

std::optional<double> score_of(const Comparison& comparison, const ComparedNetwork& network) {
  if (!network.accuracy || *network.accuracy <= 0) return std::nullopt;
  return comparison.score(*network.accuracy * 100, static_cast<double>(network.cost.parameters()),
                          static_cast<double>(network.cost.multiply_adds));
}

std::string ratio(double baseline, double value) {
  if (value == 0) return "-";
  return fmt::format("{:.3g}x", baseline / value);
}

const ComparedNetwork* baseline_of(const Comparison& comparison) {
  return comparison.baseline < 0 ? nullptr : &comparison.networks.at(static_cast<std::size_t>(comparison.baseline));
}

std::string beside(const std::string& derived, const std::optional<double>& reported, double factor,
                   const char* format) {
  return reported ? fmt::format("{} [{}]", derived, fmt::format(fmt::runtime(format), *reported * factor)) : derived;
}

ordered_json optional(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json ratios_json(const Comparison& comparison, const ComparedNetwork& network) {
  const ComparedNetwork* baseline = baseline_of(comparison);
  if (baseline == nullptr) return nullptr;
  const auto times = [](std::int64_t first, std::int64_t second) {
    return second == 0 ? ordered_json() : ordered_json(static_cast<double>(first) / static_cast<double>(second));
  };
  const auto difference = [](const std::optional<double>& first, const std::optional<double>& second) {
    return first && second ? ordered_json(*second - *first) : ordered_json();
  };
  return {{"baseline", baseline->name},
          {"accuracy_difference", difference(baseline->accuracy, network.accuracy)},
          {"parameters_ratio", times(baseline->cost.parameters(), network.cost.parameters())},
          {"multiply_adds_ratio", times(baseline->cost.multiply_adds, network.cost.multiply_adds)},
          {"weight_bytes_ratio",
           times(baseline->cost.weight_bytes(baseline->weight_bits), network.cost.weight_bytes(network.weight_bits))},
          {"netscore_difference", difference(score_of(comparison, *baseline), score_of(comparison, network))}};
}

// Whether an accuracy comes from this split; "": from any.
bool has_split(const Comparison& comparison, const std::string& split) {
  return std::any_of(comparison.networks.begin(), comparison.networks.end(), [&](const ComparedNetwork& network) {
    return split.empty() ? !network.split.empty() : network.split == split;
  });
}

}  // namespace

std::string comparison_text(const Comparison& comparison, int columns) {
  const ComparedNetwork* baseline = baseline_of(comparison);
  const bool measured = has_split(comparison, "");
  std::vector<Column> titles = {{"network", Align::left}, {"top-1"}};
  if (measured) titles.push_back({"split", Align::left});
  for (const char* title : {"parameters", "multiply-adds", "bits", "weights", "NetScore"}) titles.push_back({title});
  if (baseline != nullptr) {
    for (const char* title : {"fewer params", "fewer MACs", "less memory"}) titles.push_back({title});
  }
  Table table(titles);
  bool any_reported = false;
  for (const ComparedNetwork& network : comparison.networks) {
    const Reported reported = network.reported.value_or(Reported{});
    any_reported = any_reported || network.reported.has_value();
    const auto parameters = static_cast<double>(network.cost.parameters());
    const auto multiply_adds = static_cast<double>(network.cost.multiply_adds);
    const std::int64_t bytes = network.cost.weight_bytes(network.weight_bits);
    const auto score = score_of(comparison, network);
    std::vector<std::string> row = {network.name, beside(network.accuracy ? format_percent(*network.accuracy) : "-",
                                                         reported.accuracy, 100, "{:.1f} %")};
    if (measured) row.push_back(network.split.empty() ? "-" : network.split);
    for (const std::string& cell : {beside(format_count(parameters), reported.parameters, 1e-6, "{:.3g} M"),
                                    beside(format_count(multiply_adds), reported.multiply_adds, 1e-6, "{:.4g} M"),
                                    std::to_string(network.weight_bits), format_bytes(bytes),
                                    beside(score ? format_score(*score) : "-", reported.netscore, 1, "{:.2f}")})
      row.push_back(cell);
    if (baseline != nullptr) {
      row.push_back(ratio(static_cast<double>(baseline->cost.parameters()), parameters));
      row.push_back(ratio(static_cast<double>(baseline->cost.multiply_adds), multiply_adds));
      row.push_back(
          ratio(static_cast<double>(baseline->cost.weight_bytes(baseline->weight_bits)), static_cast<double>(bytes)));
    }
    table.add(std::move(row));
  }
  std::string out = table.text(columns);
  if (baseline != nullptr) out += "Ratios to " + baseline->name + ".\n";
  if (comparison.counting == search_space::Counting::published) {
    out += "Batch norm counted as scale and shift, as most publications do.\n";
  }
  if (has_split(comparison, "test")) out += "test: a family's member, trained in full, at the precision of `bits`.\n";
  if (has_split(comparison, "validation")) out += "validation: as the search measured it, which also chose by it.\n";
  if (any_reported) out += "In brackets: as published, where the figures derived here may differ.\n";
  return out;
}

ordered_json comparison_json(const Comparison& comparison) {
  ordered_json networks = ordered_json::array();
  for (const ComparedNetwork& network : comparison.networks) {
    ordered_json reported;
    if (network.reported) {
      reported = {{"accuracy", optional(network.reported->accuracy)},
                  {"parameters", optional(network.reported->parameters)},
                  {"multiply_adds", optional(network.reported->multiply_adds)},
                  {"netscore", optional(network.reported->netscore)}};
    }
    networks.push_back({{"name", network.name},
                        {"accuracy", optional(network.accuracy)},
                        {"accuracy_split", network.split.empty() ? ordered_json() : ordered_json(network.split)},
                        {"parameters", network.cost.parameters()},
                        {"multiply_adds", network.cost.multiply_adds},
                        {"weight_bits", network.weight_bits},
                        {"weight_bytes", network.cost.weight_bytes(network.weight_bits)},
                        {"netscore", optional(score_of(comparison, network))},
                        {"reported", std::move(reported)},
                        {"vs_baseline", ratios_json(comparison, network)}});
  }
  return {{"schema", "synth/compare/1"},
          {"counting", comparison.counting == search_space::Counting::folded ? "folded" : "published"},
          {"networks", std::move(networks)}};
}

}  // namespace synth::report
