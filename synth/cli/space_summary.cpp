// The summary that `check` and `search --dry-run` print.
#include "synth/cli/space_summary.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "synth/report/table.h"

namespace synth::cli {

std::string space_summary_text(const search_space::DesignSpace& space, const engine::CostRange& range) {
  const search_space::Cost prototype = space.cost(space.prototype());
  const auto count = [](std::int64_t value) { return report::format_count(static_cast<double>(value)); };
  const char* how = range.exact ? "" : " (extremes found by a search)";
  return fmt::format("space          10^{:.1f} networks, {} decisions\n", space.log10_size(),
                     space.decisions().size()) +
         fmt::format("prototype      {} parameters, {} multiply-adds\n", count(prototype.parameters()),
                     count(prototype.multiply_adds)) +
         fmt::format("parameters     {} to {}{}\n", count(range.least_parameters.cost.parameters()),
                     count(range.most_parameters.cost.parameters()), how) +
         fmt::format("multiply-adds  {} to {}{}\n", count(range.least_multiply_adds.cost.multiply_adds),
                     count(range.most_multiply_adds.cost.multiply_adds), how);
}

nlohmann::ordered_json space_summary_json(const search_space::DesignSpace& space, const engine::CostRange& range) {
  const search_space::Cost prototype = space.cost(space.prototype());
  return {
      {"decisions", space.decisions().size()},
      {"log10_size", space.log10_size()},
      {"prototype", {{"parameters", prototype.parameters()}, {"multiply_adds", prototype.multiply_adds}}},
      {"parameters", {range.least_parameters.cost.parameters(), range.most_parameters.cost.parameters()}},
      {"multiply_adds", {range.least_multiply_adds.cost.multiply_adds, range.most_multiply_adds.cost.multiply_adds}},
      {"exact", range.exact}};
}

}  // namespace synth::cli
