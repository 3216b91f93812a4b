// Opens a prototype: which decisions its space has, and that every combination of them is a network.
#include "search_space/space_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "search_space/errors.h"
#include "search_space/lowering.h"

namespace search_space {
namespace {

std::vector<int> with(std::vector<int> values, int own) {
  values.push_back(own);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

int convolution_of_stem(const Prototype& prototype) {
  int found = -1;
  for (int i = 0; i < static_cast<int>(prototype.design.stem.size()); ++i) {
    if (prototype.design.stem[i].op != "conv") continue;
    if (found >= 0 && !prototype.stem_widths.empty()) {
      throw InputError(prototype.name + ": stem_widths: the stem has several convolutions; only one can be open");
    }
    found = i;
  }
  if (found < 0 && !prototype.stem_widths.empty()) {
    throw InputError(prototype.name + ": stem_widths: the stem has no convolution");
  }
  return found;
}

// The kinds a slot may hold; its own is always among them.
std::vector<std::string> with_own(const Prototype& prototype, int slot) {
  std::vector<std::string> kinds = prototype.kinds[slot];
  const std::string& own = prototype.design.slots[slot].module.kind;
  if (std::find(kinds.begin(), kinds.end(), own) == kinds.end()) kinds.push_back(own);
  return kinds;
}

std::vector<int> widths_entering(const Prototype& prototype, int slot) {
  const Architecture& design = prototype.design;
  if (slot > 0) {
    const int stage = design.slots[slot - 1].stage;
    return with(prototype.stage_widths[stage], design.slots[slot - 1].width);
  }
  const int conv = convolution_of_stem(prototype);
  return conv < 0 ? std::vector<int>{design.input.channels} : with(prototype.stem_widths, design.stem[conv].width);
}

}  // namespace

std::string slot_name(const Architecture& design, int slot) {
  int position = 0;
  for (int i = slot - 1; i >= 0 && design.slots[i].stage == design.slots[slot].stage; --i) ++position;
  return fmt::format("stage{}.slot{}", design.slots[slot].stage + 1, position + 1);
}

std::string kind_why_not(const Prototype& prototype, int slot, std::string_view kind) {
  const Slot& own = prototype.design.slots[slot];
  const ModuleType& type = module_type(kind);
  const bool same_stage = slot > 0 && prototype.design.slots[slot - 1].stage == own.stage;
  for (const int width : with(prototype.stage_widths[own.stage], own.width)) {
    for (const int in : same_stage ? std::vector<int>{width} : widths_entering(prototype, slot)) {
      // Kinds look at the image's size only for domains, never for whether they fit.
      const ModuleContext context{{in, 1, 1}, width, own.stride, prototype.channel_multiple};
      if (std::string reason = type.why_not(context); !reason.empty()) {
        return fmt::format("{} (here stride {}, {} channels in, {} out)", reason, own.stride, in, width);
      }
      if (kind == "skip" && own.shortcut == Shortcut::none) return "skip needs a shortcut, and this slot has none";
    }
  }
  return {};
}

void SearchSpace::Layout::check() const {
  const auto& slots = source.design.slots;
  if (slots.empty()) throw InputError(source.name + ": slots: found no slot; a network needs at least one");
  const std::size_t stages = slots.back().stage + 1;
  if (source.kinds.size() != slots.size() || source.stage_widths.size() != stages) {
    throw InputError(fmt::format("{}: kinds for {} slots and widths for {} stages are needed; found {} and {}",
                                 source.name, slots.size(), stages, source.kinds.size(), source.stage_widths.size()));
  }
  for (int i = 0; i < static_cast<int>(slots.size()); ++i) {
    if (i > 0 && slots[i].stage == slots[i - 1].stage && slots[i].width != slots[i - 1].width) {
      throw InputError(fmt::format("{}: {}: width {} differs from the {} of its stage; a stage has one width",
                                   source.name, slot_name(source.design, i), slots[i].width, slots[i - 1].width));
    }
    for (const std::string& kind : with_own(source, i)) {
      if (const std::string reason = kind_why_not(source, i, kind); !reason.empty()) {
        throw InputError(
            fmt::format("{}: {} cannot hold '{}': {}", source.name, slot_name(source.design, i), kind, reason));
      }
    }
  }
}

Choice SearchSpace::Layout::decide(const std::string& name, std::vector<int> values, int slot, int parent,
                                   int parent_value, bool ordinal) {
  Choice choice{-1, std::move(values)};
  if (choice.values.size() < 2) return choice;
  choice.decision = static_cast<int>(decisions.size());
  Decision decision;
  decision.name = name;
  decision.slot = slot;
  decision.parent = parent;
  decision.parent_value = parent_value;
  for (const int value : choice.values) {
    decision.labels.push_back(std::to_string(value));
    if (ordinal) decision.numbers.push_back(value);
  }
  decisions.push_back(std::move(decision));
  return choice;
}

void SearchSpace::Layout::open_slot(int index, const Shape& input) {
  const Slot& own = source.design.slots[index];
  const std::string name = slot_name(source.design, index);
  const std::vector<std::string> kinds = with_own(source, index);
  std::vector<int> indices(kinds.size());
  std::iota(indices.begin(), indices.end(), 0);
  SlotChoice slot;
  slot.kind = decide(name + ".kind", indices, index, -1, -1, false);
  if (slot.kind.decision >= 0) decisions[slot.kind.decision].labels = kinds;
  const ModuleContext context{{widths_entering(source, index).back(), input.height, input.width},
                              stages[own.stage].values.back(),
                              own.stride,
                              source.channel_multiple};
  const bool fixed = source.kinds[index].empty();
  for (int k = 0; k < static_cast<int>(kinds.size()); ++k) {
    KindChoice kind{&module_type(kinds[k]), {}};
    const std::vector<ParameterSpec> specs = kind.type->decisions(context);
    for (const ParameterSpec& spec : specs) {
      std::vector<int> values = spec.domain;
      if (kinds[k] == own.module.kind) {
        const int value = own.module.at(spec.name);
        values = fixed ? std::vector<int>{value} : with(values, value);
      }
      ParameterChoice parameter{spec.role, spec.name, {}, {}};
      parameter.choice = decide(name + "." + kinds[k] + "." + spec.name, values, index, slot.kind.decision,
                                slot.kind.decision < 0 ? -1 : k, spec.role != ParameterSpec::Role::flag);
      for (const std::string& other : spec.divides) {
        const auto at = std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.name == other; });
        parameter.divides.push_back(at == specs.end() ? -1 : static_cast<int>(at - specs.begin()));
      }
      kind.parameters.push_back(std::move(parameter));
    }
    slot.kinds.push_back(std::move(kind));
  }
  slots.push_back(std::move(slot));
}

SearchSpace::Layout::Layout(Prototype given) : source(std::move(given)) {
  check();
  const Architecture& design = source.design;
  const Graph graph = lower(design);
  stem_layer = convolution_of_stem(source);
  if (stem_layer >= 0) {
    stem = decide("stem.width", with(source.stem_widths, design.stem[stem_layer].width), -1, -1, -1);
  }
  for (const Slot& slot : design.slots) {
    if (slot.stage < static_cast<int>(stages.size())) continue;
    stages.push_back(decide(fmt::format("stage{}.width", slot.stage + 1),
                            with(source.stage_widths[slot.stage], slot.width), -1, -1, -1));
  }
  const int count = static_cast<int>(design.slots.size());
  for (int i = 0; i <= count; ++i) entering.push_back(graph.nodes[graph.slot_input(i)].output);
  for (int i = 0; i < count; ++i) open_slot(i, entering[i]);
  find_like();
  prototype = encode(design);
  check_largest();
}

// Slots of one stage, neither of them its first.
bool SearchSpace::Layout::alike(int first, int second) const {
  const Slot &one = source.design.slots[first], &other = source.design.slots[second];
  const auto same_parameter = [](const ParameterChoice& a, const ParameterChoice& b) {
    return a.choice.values == b.choice.values;
  };
  const auto same_kind = [&](const KindChoice& a, const KindChoice& b) {
    return a.type == b.type && std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(),
                                          b.parameters.end(), same_parameter);
  };
  const auto &kinds = slots[first].kinds, &others = slots[second].kinds;
  return one.shortcut == other.shortcut && one.activation == other.activation && one.stride == other.stride &&
         entering[first] == entering[second] &&
         std::equal(kinds.begin(), kinds.end(), others.begin(), others.end(), same_kind);
}

void SearchSpace::Layout::find_like() {
  std::vector<int> distinct;  // of the present stage, but for its first slot
  for (int i = 0; i < static_cast<int>(slots.size()); ++i) {
    const bool first = i == 0 || source.design.slots[i - 1].stage != source.design.slots[i].stage;
    if (first) distinct.clear();
    const auto found = std::find_if(distinct.begin(), distinct.end(), [&](int other) { return alike(other, i); });
    like.push_back(first || found == distinct.end() ? i : *found);
    if (!first && like.back() == i) distinct.push_back(i);
  }
}

// Every design must lower. What can fail beyond the prototype is size alone, which grows with every value but groups.
void SearchSpace::Layout::check_largest() const {
  for (std::size_t kind = 0, kinds = 1; kind < kinds; ++kind) {
    Design design(decisions.size());
    for (std::size_t i = 0; i < design.size(); ++i) {
      design[i] = decisions[i].name.ends_with(".groups") ? 0 : decisions[i].size() - 1;
    }
    for (const SlotChoice& slot : slots) {
      kinds = std::max(kinds, slot.kinds.size());
      if (slot.kind.decision >= 0) design[slot.kind.decision] = static_cast<int>(std::min(kind, slot.kinds.size() - 1));
    }
    try {
      lower(decode(design));
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: with the largest open widths, {}", source.name, error.what()));
    }
  }
}

}  // namespace search_space
