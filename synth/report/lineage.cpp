// Generators in order, as text and JSON; pictures are in lineage_picture.cpp, one network's chain in ancestry.cpp.
#include "synth/report/lineage.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "synth/report/ancestry.h"
#include "synth/report/spread.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;

std::string spread_text(const Spread& spread) {
  return spread.trained == 0
             ? std::string("-")
             : fmt::format("{}-{}", format_score(spread.lowest_performance), format_score(spread.highest_performance));
}

std::string evidence_text(const RunView& view, int columns) {
  std::string out;
  for (const auto& generator : view.generators) {
    if (!generator.accepted || generator.evidence.empty()) continue;
    out += fmt::format("\nG{}: what drove the change\n", generator.index);
    for (const auto& sentence : generator.evidence) out += wrapped_text("  - " + sentence + "\n", columns, 4);
  }
  return out;
}

}  // namespace

std::string lineage_text(const RunView& view, int columns) {
  Table table({{"generator", Align::left},
               {"", Align::left},
               {"mean U"},
               {"U min-max"},
               {"KL"},
               {"parameters"},
               {"margins of the worst network", Align::left, true},
               {"reason", Align::left, true}});
  for (const auto& generator : view.generators) {
    const Spread spread = spread_of(view, generator);
    table.add({fmt::format("G{}", generator.index), generator.accepted ? "accepted" : "rejected",
               spread.trained == 0 ? "-" : format_score(generator.mean_performance), spread_text(spread),
               generator.parent < 0 ? "-" : fmt::format("{:.2f}", generator.kl),
               format_range(spread.fewest_parameters, spread.most_parameters),
               format_margins(margins_of(view, generator)), generator.reason});
  }
  return wrapped_text(fmt::format("{}: {}, {} networks evaluated\n\n", view.name, view.run.state, view.records.size()),
                      columns) +
         table.text(columns) + evidence_text(view, columns);
}

ordered_json lineage_generator_json(const RunView& view, const results_db::GeneratorRecord& generator) {
  ordered_json entry = generator_json(view, generator);
  entry["parent"] = generator.parent < 0 ? ordered_json() : ordered_json(generator.parent);
  entry["kl"] = std::isfinite(generator.kl) ? ordered_json(generator.kl) : ordered_json();
  entry["trust_region"] = std::isfinite(generator.trust_region) ? ordered_json(generator.trust_region) : ordered_json();
  ordered_json margins = ordered_json::array();
  for (const Margin& margin : margins_of(view, generator)) {
    margins.push_back({{"requirement", margin.requirement}, {"bound", margin.bound}, {"worst", margin.worst}});
  }
  entry["margins"] = std::move(margins);
  entry["evidence"] = generator.evidence;
  return entry;
}

ordered_json lineage_json(const RunView& view) {
  ordered_json generators = ordered_json::array();
  for (const auto& generator : view.generators) generators.push_back(lineage_generator_json(view, generator));
  ordered_json networks = ordered_json::array();
  for (const auto& record : view.records) networks.push_back(network_json(view, record));
  return {{"schema", "synth/lineage/1"}, {"generators", std::move(generators)}, {"networks", std::move(networks)}};
}

}  // namespace synth::report
