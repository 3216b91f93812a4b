// One network's chain of parents, and what changed at each step.
#include "synth/report/ancestry.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "synth/report/lineage.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;
using results_db::Record;

std::string points(double from, double to) {
  return fmt::format("{:+.2f}", (to - from) * 100);
}

std::string place_of(const RunView& view, const Record& record) {
  const int generator = view.generator_of(record.id);
  return generator < 0 ? std::string("-") : fmt::format("G{}", generator);
}

}  // namespace

std::vector<Step> ancestry_of(const RunView& view, int id) {
  std::vector<Step> steps;
  for (int next = id; next != 0; next = view.record(next).parent) {
    steps.push_back({&view.record(next), {}});
    // A parent is evaluated before its children, so ids fall; anything else would loop for ever.
    if (view.record(next).parent >= next) throw std::logic_error("a network descends from a later one");
  }
  std::reverse(steps.begin(), steps.end());
  for (std::size_t i = 1; i < steps.size(); ++i) {
    steps[i].changes = differences(*view.space, steps[i - 1].network->design, steps[i].network->design);
  }
  return steps;
}

std::string change_text(const Difference& difference) {
  return fmt::format("{} -> {}", difference.from.empty() ? "nothing" : difference.from,
                     difference.to.empty() ? "nothing" : difference.to);
}

std::string ancestry_text(const RunView& view, int id, int columns) {
  Table table({{"network", Align::left},
               {"generator", Align::left},
               {"accuracy"},
               {"points"},
               {"parameters"},
               {"change"},
               {"multiply-adds"},
               {"change"},
               {"U"}});
  const auto steps = ancestry_of(view, id);
  const Record* before = nullptr;
  for (const Step& step : steps) {
    const auto& evaluation = step.network->evaluation;
    const auto parameters = static_cast<double>(evaluation.cost.parameters());
    const auto multiply_adds = static_cast<double>(evaluation.cost.multiply_adds);
    const auto* from = before != nullptr ? &before->evaluation : nullptr;
    table.add({fmt::format("#{}", step.network->id), place_of(view, *step.network), format_percent(evaluation.accuracy),
               from ? points(from->accuracy, evaluation.accuracy) : "", format_count(parameters),
               from ? format_change(static_cast<double>(from->cost.parameters()), parameters) : "",
               format_count(multiply_adds),
               from ? format_change(static_cast<double>(from->cost.multiply_adds), multiply_adds) : "",
               format_score(step.network->performance)});
    before = step.network;
  }
  std::string out =
      wrapped_text(fmt::format("Ancestry of network {} of {}, oldest first\n\n", id, view.name), columns) +
      table.text(columns);
  for (std::size_t i = 1; i < steps.size(); ++i) {
    out += fmt::format("\n#{} to #{}\n", steps[i - 1].network->id, steps[i].network->id);
    for (const Difference& change : steps[i].changes) {
      out += wrapped_text(fmt::format("  {}: {}\n", change.place, change_text(change)), columns, 4);
    }
  }
  return out;
}

ordered_json ancestry_json(const RunView& view, int id) {
  ordered_json generators = ordered_json::array(), networks = ordered_json::array(), chain = ordered_json::array();
  std::set<int> proposals;  // of the generators that make the networks of the chain
  const Record* before = nullptr;
  for (const Step& step : ancestry_of(view, id)) {
    ordered_json changes = ordered_json::array();
    for (const Difference& change : step.changes) {
      changes.push_back({{"place", change.place}, {"from", change.from}, {"to", change.to}});
    }
    ordered_json entry = network_json(view, *step.network);
    networks.push_back(entry);
    entry["changes"] = std::move(changes);
    if (before != nullptr) {
      const auto &from = before->evaluation, &to = step.network->evaluation;
      entry["delta"] = {{"accuracy", to.accuracy - from.accuracy},
                        {"parameters", to.cost.parameters() - from.cost.parameters()},
                        {"multiply_adds", to.cost.multiply_adds - from.cost.multiply_adds}};
    } else {
      entry["delta"] = nullptr;
    }
    chain.push_back(std::move(entry));
    if (const auto* generator = view.generator_making(step.network->id)) proposals.insert(generator->proposal);
    before = step.network;
  }
  for (const auto& generator : view.generators) {
    if (proposals.count(generator.proposal) > 0) generators.push_back(lineage_generator_json(view, generator));
  }
  return {{"schema", "synth/lineage/1"},
          {"network", id},
          {"generators", std::move(generators)},
          {"networks", std::move(networks)},
          {"ancestry", std::move(chain)}};
}

}  // namespace synth::report
