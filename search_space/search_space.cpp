// The two ways between designs and architectures, and the one design of each network.
#include "search_space/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "search_space/deployment.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/space_layout.h"

namespace search_space {
namespace {

// The greatest number of groups, at most `at_most`, that divides the widths it must; `values` = the kind's parameters.
int groups_value(const ParameterChoice& parameter, int at_most, const std::vector<int>& values, int in_width) {
  int common = 0;
  for (const int other : parameter.divides) common = std::gcd(common, other < 0 ? in_width : values[other]);
  for (int divisor = std::min(common, at_most); divisor > 1; --divisor) {
    if (common % divisor == 0) return divisor;
  }
  return 1;
}

// The index of the smallest open value with the same effect as `at_most`, so that one network has one design; -1 if
// none has.
int groups_index(const ParameterChoice& parameter, int at_most, const std::vector<int>& values, int in_width) {
  const int effect = groups_value(parameter, at_most, values, in_width);
  const auto& open = parameter.choice.values;
  const auto found = std::find_if(open.begin(), open.end(), [&](int candidate) {
    return groups_value(parameter, candidate, values, in_width) == effect;
  });
  return found == open.end() ? -1 : static_cast<int>(found - open.begin());
}

}  // namespace

ModuleSpec SearchSpace::Layout::decode_module(const KindChoice& kind, const Design& design, int in_width) const {
  ModuleSpec spec;
  spec.kind = kind.type->name();
  spec.parameters.reserve(kind.parameters.size());
  const std::vector<int> values = kind.values(design);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParameterChoice& parameter = kind.parameters[i];
    const bool groups = parameter.role == ParameterSpec::Role::groups;
    spec.parameters.push_back(
        {parameter.name, groups ? groups_value(parameter, values[i], values, in_width) : values[i]});
  }
  return spec;
}

void SearchSpace::Layout::canonicalise_groups(Design& design) const {
  int width = stem_layer >= 0 ? stem.value(design) : source.design.input.channels;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const KindChoice& kind = slots[i].kinds[slots[i].kind.index(design)];
    for (const ParameterChoice& parameter : kind.parameters) {
      if (parameter.role != ParameterSpec::Role::groups || parameter.choice.decision < 0) continue;
      int& index = design[parameter.choice.decision];
      index = groups_index(parameter, parameter.choice.values[index], kind.values(design), width);
    }
    width = stages[source.design.slots[i].stage].value(design);
  }
}

Architecture SearchSpace::Layout::decode(const Design& design) const {
  Architecture architecture;
  architecture.input = source.design.input;
  architecture.classes = source.design.classes;
  architecture.stem = source.design.stem;
  architecture.head = source.design.head;
  if (stem_layer >= 0) architecture.stem[stem_layer].width = stem.value(design);
  int width = width_entering(0, design);
  architecture.slots.reserve(slots.size());
  for (int i = 0; i < static_cast<int>(slots.size()); ++i) {
    width = architecture.slots.emplace_back(decode_slot(i, width, design)).width;
  }
  return architecture;
}

int SearchSpace::Layout::width_entering(int slot, const Design& design) const {
  if (slot > 0) return stages[source.design.slots[slot - 1].stage].value(design);
  return stem_layer >= 0 ? stem.value(design) : source.design.input.channels;
}

Slot SearchSpace::Layout::decode_slot(int index, int in_width, const Design& design) const {
  const Slot& own = source.design.slots[index];
  const SlotChoice& open = slots[index];
  Slot slot;
  slot.stage = own.stage;
  slot.stride = own.stride;
  slot.shortcut = own.shortcut;
  slot.activation = own.activation;
  slot.width = stages[own.stage].value(design);
  slot.module = decode_module(open.kinds[open.kind.index(design)], design, in_width);
  return slot;
}

// A part is costed as a network of its own. Between parts one map alone is alive, and it counts in both.
Graph SearchSpace::Layout::part_graph(const Design& design, int part) const {
  const int slot = part - 1, count = static_cast<int>(slots.size());
  Architecture alone;
  alone.classes = source.design.classes;
  if (slot < 0) {
    alone.input = source.design.input;
    alone.stem = source.design.stem;
    if (stem_layer >= 0) alone.stem[stem_layer].width = stem.value(design);
  } else {
    alone.input = entering[slot];
    alone.input.channels = width_entering(slot, design);
    if (slot == count) {
      alone.head = source.design.head;
      return lower(alone);
    }
    alone.slots = {decode_slot(slot, alone.input.channels, design)};
  }
  GraphBuilder builder(alone.input, alone.classes);
  builder.reserve(nodes_per_slot);
  lower_slots(alone, 0, static_cast<int>(alone.slots.size()), lower_stem(alone, builder), builder);
  return builder.graph();
}

namespace {

void choose(const Choice& choice, int value, const std::string& name, Design& design) {
  const auto found = std::find(choice.values.begin(), choice.values.end(), value);
  if (found == choice.values.end()) {
    throw InputError(fmt::format("{} is {}; allowed: {}", name, value, fmt::join(choice.values, ", ")));
  }
  if (choice.decision >= 0) design[choice.decision] = static_cast<int>(found - choice.values.begin());
}

}  // namespace

void SearchSpace::Layout::encode_module(const Slot& slot, int index, int in_width, Design& design) const {
  const SlotChoice& open = slots[index];
  const std::string name = slot_name(source.design, index);
  const auto kind = std::find_if(open.kinds.begin(), open.kinds.end(),
                                 [&](const KindChoice& k) { return k.type->name() == slot.module.kind; });
  if (kind == open.kinds.end()) {
    std::vector<std::string> allowed;
    for (const KindChoice& k : open.kinds) allowed.emplace_back(k.type->name());
    throw InputError(fmt::format("{}.kind is {}; allowed: {}", name, slot.module.kind, fmt::join(allowed, ", ")));
  }
  if (open.kind.decision >= 0) design[open.kind.decision] = static_cast<int>(kind - open.kinds.begin());
  std::vector<int> values;
  for (const ParameterChoice& parameter : kind->parameters) values.push_back(slot.module.at(parameter.name));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParameterChoice& parameter = kind->parameters[i];
    int value = values[i];
    if (parameter.role == ParameterSpec::Role::groups) {
      const int found = groups_index(parameter, value, values, in_width);
      if (found >= 0) value = parameter.choice.values[found];
    }
    choose(parameter.choice, value, fmt::format("{}.{}.{}", name, slot.module.kind, parameter.name), design);
  }
}

Design SearchSpace::Layout::encode(const Architecture& architecture) const {
  const Architecture& own = source.design;
  if (architecture.input != own.input || architecture.classes != own.classes) {
    throw InputError(fmt::format("input or classes differ from those of {}", source.name));
  }
  if (architecture.slots.size() != own.slots.size() || architecture.stem.size() != own.stem.size()) {
    throw InputError(fmt::format("{} slots and {} stem layers; {} has {} and {}", architecture.slots.size(),
                                 architecture.stem.size(), source.name, own.slots.size(), own.stem.size()));
  }
  Design design(decisions.size(), 0);
  std::vector<Layer> layers = architecture.stem;
  int width = architecture.input.channels;
  if (stem_layer >= 0) {
    width = layers[stem_layer].width;
    choose(stem, width, "stem.width", design);
    layers[stem_layer].width = own.stem[stem_layer].width;
  }
  if (layers != own.stem || architecture.head != own.head) {
    throw InputError(fmt::format("stem or head differ from those of {} in more than the open width", source.name));
  }
  for (int i = 0; i < static_cast<int>(own.slots.size()); ++i) {
    const Slot &slot = architecture.slots[i], &expected = own.slots[i];
    if (slot.stage != expected.stage || slot.stride != expected.stride || slot.shortcut != expected.shortcut ||
        slot.activation != expected.activation) {
      throw InputError(fmt::format("{}: stage, stride, shortcut or activation differ from those of {}",
                                   slot_name(own, i), source.name));
    }
    const Choice& stage = stages[slot.stage];
    if (i > 0 && architecture.slots[i - 1].stage == slot.stage && architecture.slots[i - 1].width != slot.width) {
      throw InputError(fmt::format("{}: width {} differs within its stage", slot_name(own, i), slot.width));
    }
    choose(stage, slot.width, fmt::format("stage{}.width", slot.stage + 1), design);
    encode_module(slot, i, width, design);
    width = slot.width;
  }
  return design;
}

SearchSpace::SearchSpace(Prototype prototype) : layout_(std::make_unique<const Layout>(std::move(prototype))) {}
SearchSpace::~SearchSpace() = default;

const std::vector<Decision>& SearchSpace::decisions() const {
  return layout_->decisions;
}
const Design& SearchSpace::prototype() const {
  return layout_->prototype;
}
Cost SearchSpace::with_deployment(const Graph& graph, bool whole) const {
  Cost cost = cost_of(graph);
  if (deployed_) cost.deployment = deployment_of(graph, whole);
  return cost;
}

Cost SearchSpace::cost(const Design& design) const {
  return with_deployment(lower(decode(design)), /*whole=*/true);
}
std::string SearchSpace::key(const Design& design) const {
  return decode(design).key();
}
Design SearchSpace::canonical(Design design) const {
  design = DesignSpace::canonical(std::move(design));
  layout_->canonicalise_groups(design);
  return design;
}
int SearchSpace::parts() const {
  return static_cast<int>(layout_->slots.size()) + 2;
}
std::vector<int> SearchSpace::parts_touched(int decision) const {
  const auto& slots = layout_->source.design.slots;
  const int count = static_cast<int>(slots.size()), slot = layout_->decisions[decision].slot;
  if (slot >= 0) return {slot + 1};
  if (decision == layout_->stem.decision) return {0, 1};
  std::vector<int> touched;
  for (int i = 0; i <= count; ++i) {
    const auto widens = [&](int index) { return layout_->stages[slots[index].stage].decision == decision; };
    if ((i < count && widens(i)) || (i > 0 && widens(i - 1))) touched.push_back(i + 1);
  }
  return touched;
}
int SearchSpace::like(int part) const {
  const bool slot = part > 0 && part <= static_cast<int>(layout_->slots.size());
  return slot ? layout_->like[part - 1] + 1 : part;
}
std::optional<Cost> SearchSpace::part_cost(const Design& design, int part) const {
  return with_deployment(layout_->part_graph(design, part), part == parts() - 1);
}
Architecture SearchSpace::decode(const Design& design) const {
  return layout_->decode(design);
}
Design SearchSpace::encode(const Architecture& architecture) const {
  return layout_->encode(architecture);
}
const Prototype& SearchSpace::source() const {
  return layout_->source;
}

}  // namespace search_space
