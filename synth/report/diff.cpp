// Slot-by-slot difference of two architectures.
#include "synth/report/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/lowering.h"
#include "search_space/search_space.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;
using search_space::Architecture;
using search_space::Cost;
using search_space::Layer;
using search_space::Slot;

std::string describe(const Layer& layer) {
  std::string text = fmt::format("{} {}x{}", layer.op, layer.kernel, layer.kernel);
  if (layer.op == "conv") text += fmt::format(" {}", layer.width);
  if (layer.stride != 1) text += fmt::format(", stride {}", layer.stride);
  if (layer.op == "conv" && layer.activation != "relu") text += ", " + layer.activation;
  return text;
}

std::string describe(const search_space::Shape& shape) {
  return fmt::format("{} x {} x {}", shape.channels, shape.height, shape.width);
}

void compare(std::vector<Difference>& found, std::string place, int slot, std::string from, std::string to) {
  if (from != to) found.push_back({std::move(place), slot, std::move(from), std::move(to)});
}

void compare_layers(std::vector<Difference>& found, const std::string& part, const std::vector<Layer>& from,
                    const std::vector<Layer>& to) {
  for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
    compare(found, fmt::format("{}.layer{}", part, i + 1), -1, i < from.size() ? describe(from[i]) : "",
            i < to.size() ? describe(to[i]) : "");
  }
}

// Slots are matched by stage and position, so that a stage that grew does not shift all that follow.
std::map<std::pair<int, int>, int> places(const Architecture& architecture) {
  std::map<std::pair<int, int>, int> found;
  std::map<int, int> positions;
  for (std::size_t i = 0; i < architecture.slots.size(); ++i) {
    const int stage = architecture.slots[i].stage;
    found[{stage, positions[stage]++}] = static_cast<int>(i);
  }
  return found;
}

void compare_slots(std::vector<Difference>& found, const Architecture& from, const Architecture& to) {
  const auto first = places(from), second = places(to);
  auto all = first;
  all.insert(second.begin(), second.end());
  for (const auto& [place, any] : all) {
    const auto a = first.find(place), b = second.find(place);
    const bool in_first = a != first.end(), in_second = b != second.end();
    if (in_first && in_second && from.slots[a->second] == to.slots[b->second]) continue;
    compare(found, fmt::format("stage{}.slot{}", place.first + 1, place.second + 1), in_second ? b->second : any,
            in_first ? report::describe(from.slots[a->second]) : "",
            in_second ? report::describe(to.slots[b->second]) : "");
  }
}

Cost cost_of(const Architecture& architecture) {
  return search_space::cost_of(search_space::lower(architecture));
}

ordered_json side_json(const NamedArchitecture& side, const Cost& cost) {
  return {{"name", side.name},
          {"key", side.architecture.key()},
          {"parameters", cost.parameters()},
          {"multiply_adds", cost.multiply_adds}};
}

}  // namespace

std::string describe(const Slot& slot) {
  std::string text = slot.module.kind;
  if (!slot.module.parameters.empty()) {
    std::string list;
    for (const auto& parameter : slot.module.parameters) {
      list += fmt::format("{}{}={}", list.empty() ? "" : ", ", parameter.name, parameter.value);
    }
    text += "(" + list + ")";
  }
  text += fmt::format(" to {}", slot.width);
  if (slot.stride != 1) text += fmt::format(", stride {}", slot.stride);
  if (slot.shortcut == search_space::Shortcut::identity) text += ", identity shortcut";
  if (slot.shortcut == search_space::Shortcut::none) text += ", no shortcut";
  if (slot.activation != "relu") text += ", " + slot.activation + " after";
  return text;
}

std::vector<Difference> differences(const Architecture& from, const Architecture& to) {
  std::vector<Difference> found;
  compare(found, "input", -1, describe(from.input), describe(to.input));
  compare_layers(found, "stem", from.stem, to.stem);
  compare_slots(found, from, to);
  compare_layers(found, "head", from.head.layers, to.head.layers);
  const auto hidden = [](const search_space::Head& head) {
    return head.hidden == 0 ? std::string() : fmt::format("dense {}, {}", head.hidden, head.hidden_activation);
  };
  compare(found, "head.hidden", -1, hidden(from.head), hidden(to.head));
  compare(found, "classes", -1, std::to_string(from.classes), std::to_string(to.classes));
  return found;
}

std::vector<Difference> differences(const search_space::DesignSpace& space, const search_space::Design& from,
                                    const search_space::Design& to) {
  if (const auto* networks = dynamic_cast<const search_space::SearchSpace*>(&space)) {
    return differences(networks->decode(from), networks->decode(to));
  }
  std::vector<Difference> found;
  const search_space::Design first = space.canonical(from), second = space.canonical(to);
  for (int i = 0; i < static_cast<int>(space.decisions().size()); ++i) {
    const auto& decision = space.decisions()[i];
    const auto label = [&](const search_space::Design& design) {
      return space.active(design, i) ? decision.labels[design[i]] : std::string();
    };
    compare(found, decision.name, decision.slot, label(first), label(second));
  }
  return found;
}

std::string diff_text(const NamedArchitecture& from, const NamedArchitecture& to, int columns) {
  Table table({{"place", Align::left}, {from.name, Align::left, true}, {to.name, Align::left, true}});
  const auto found = differences(from.architecture, to.architecture);
  for (const Difference& difference : found) {
    table.add({difference.place, difference.from.empty() ? "-" : difference.from,
               difference.to.empty() ? "-" : difference.to});
  }
  const Cost a = cost_of(from.architecture), b = cost_of(to.architecture);
  if (!found.empty()) table.rule();
  const auto total = [&](const char* name, std::int64_t first, std::int64_t second) {
    const auto x = static_cast<double>(first), y = static_cast<double>(second);
    table.add({name, format_count(x), fmt::format("{} ({})", format_count(y), format_change(x, y))});
  };
  total("parameters", a.parameters(), b.parameters());
  total("multiply-adds", a.multiply_adds, b.multiply_adds);
  if (from.architecture.key() == to.architecture.key()) return "The two are the same network.\n" + table.text(columns);
  return table.text(columns);
}

ordered_json diff_json(const NamedArchitecture& from, const NamedArchitecture& to) {
  ordered_json list = ordered_json::array();
  for (const Difference& difference : differences(from.architecture, to.architecture)) {
    const auto side = [](const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); };
    list.push_back({{"place", difference.place}, {"from", side(difference.from)}, {"to", side(difference.to)}});
  }
  return {{"schema", "synth/diff/1"},
          {"from", side_json(from, cost_of(from.architecture))},
          {"to", side_json(to, cost_of(to.architecture))},
          {"equal", from.architecture.key() == to.architecture.key()},
          {"differences", std::move(list)}};
}

}  // namespace synth::report
