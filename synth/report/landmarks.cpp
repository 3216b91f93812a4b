// Reference networks need no training to be placed on the axes of costs.
#include "synth/report/landmarks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/report/reported_set.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;

ordered_json published_accuracy(const ReportedSet& set, const std::string& name) {
  for (const PublishedNetwork& network : set.networks) {
    if (network.builtin != name) continue;
    for (const PrintedTable& table : set.tables) {
      const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                    [&](const PrintedRow& printed) { return printed.network == network.name; });
      if (row == table.rows.end()) continue;
      return {{"accuracy", printed_value(row->top1) / 100},
              {"data", "ImageNet50 at 224x224"},
              {"source", table.paper + ", " + table.title}};
    }
  }
  return {};
}

}  // namespace

ordered_json landmarks_beside(const search_space::Architecture& design, const engine::Requirements& requirements) {
  static const ReportedSet set = load_reported_set("imagenet50");
  prototypes::Adaptation to_input;
  to_input.classes = design.classes;
  to_input.height = design.input.height;
  to_input.width = design.input.width;
  to_input.channels = design.input.channels;
  std::vector<ordered_json> found;
  for (const prototypes::Entry& entry : prototypes::builtins()) {
    try {
      search_space::Prototype known = prototypes::load(entry.name);
      known.minimum_size = 1;  // what sizes it is meant for is a matter of accuracy
      const auto adapted = prototypes::adapt(std::move(known), to_input);
      if (adapted.design.key() == design.key()) continue;
      const search_space::Cost cost = search_space::cost_of(search_space::lower(adapted.design));
      found.push_back({{"name", entry.name},
                       {"description", entry.description},
                       {"parameters", cost.parameters()},
                       {"multiply_adds", cost.multiply_adds},
                       {"weight_bytes", cost.weight_bytes(requirements.weight_bits)},
                       {"peak_activation_bytes", cost.peak_activation_bytes(requirements.activation_bits)},
                       {"published", published_accuracy(set, entry.name)}});
    } catch (const search_space::InputError&) {
      continue;  // not meant for such an input
    }
  }
  std::sort(found.begin(), found.end(),
            [](const ordered_json& a, const ordered_json& b) { return a["parameters"] < b["parameters"]; });
  return found;
}

}  // namespace synth::report
