// The space a prototype opens: its decisions, and the two ways between designs and architectures.
#include "search_space/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "search_space/architecture_parts.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/module.h"

namespace search_space {
namespace {

// A value that is either fixed (one value, no decision) or decided.
struct Choice {
  int decision = -1;
  std::vector<int> values;

  int index(const Design& design) const { return decision < 0 ? 0 : design[decision]; }
  int value(const Design& design) const { return values[index(design)]; }
};

struct ParameterChoice {
  ParameterSpec::Role role;
  std::string name;
  Choice choice;
  std::vector<int> divides;  // indices of the kind's parameters; -1 = the slot's input width
};

struct KindChoice {
  const ModuleType* type;
  std::vector<ParameterChoice> parameters;
};

struct SlotChoice {
  Choice kind;  // values = indices into `kinds`
  std::vector<KindChoice> kinds;
};

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

std::string slot_name(const Architecture& design, int slot) {
  int position = 0;
  for (int i = slot - 1; i >= 0 && design.slots[i].stage == design.slots[slot].stage; --i) ++position;
  return fmt::format("stage{}.slot{}", design.slots[slot].stage + 1, position + 1);
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

int groups_value(const ParameterChoice& parameter, int at_most, const ModuleSpec& spec, int in_width) {
  int common = 0;
  for (const int other : parameter.divides) {
    common = std::gcd(common, other < 0 ? in_width : spec.parameters[other].value);
  }
  for (int divisor = std::min(common, at_most); divisor > 1; --divisor) {
    if (common % divisor == 0) return divisor;
  }
  return 1;
}

}  // namespace

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

struct SearchSpace::Layout {
  Prototype source;
  int stem_layer = -1;
  Choice stem;
  std::vector<Choice> stages;
  std::vector<SlotChoice> slots;
  std::vector<Decision> decisions;
  Design prototype;

  explicit Layout(Prototype given);
  void check() const;
  void check_largest() const;
  Choice decide(const std::string& name, std::vector<int> values, int slot, int parent, int parent_value,
                bool ordinal = true);
  void open_slot(int slot, const Shape& input);
  Architecture decode(const Design& design) const;
  ModuleSpec decode_module(const KindChoice& kind, const Design& design, int in_width) const;
  Design encode(const Architecture& architecture) const;
  void encode_module(const Slot& slot, int index, int in_width, Design& design) const;
};

void SearchSpace::Layout::check() const {
  const auto& slots = source.design.slots;
  if (slots.empty()) throw InputError(source.name + ": slots: a prototype needs at least one slot");
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
  if (ordinal) {
    for (const int value : choice.values) {
      decision.labels.push_back(std::to_string(value));
      decision.numbers.push_back(value);
    }
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
                                slot.kind.decision < 0 ? -1 : k);
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
  for (int i = 0; i < static_cast<int>(design.slots.size()); ++i) open_slot(i, graph.nodes[graph.slot_input(i)].output);
  prototype = encode(design);
  check_largest();
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

ModuleSpec SearchSpace::Layout::decode_module(const KindChoice& kind, const Design& design, int in_width) const {
  ModuleSpec spec;
  spec.kind = kind.type->name();
  spec.parameters.reserve(kind.parameters.size());
  for (const ParameterChoice& parameter : kind.parameters) {
    spec.parameters.push_back({parameter.name, parameter.choice.value(design)});
  }
  for (std::size_t i = 0; i < kind.parameters.size(); ++i) {
    if (kind.parameters[i].role != ParameterSpec::Role::groups) continue;
    spec.parameters[i].value = groups_value(kind.parameters[i], spec.parameters[i].value, spec, in_width);
  }
  return spec;
}

Architecture SearchSpace::Layout::decode(const Design& design) const {
  Architecture architecture;
  architecture.input = source.design.input;
  architecture.classes = source.design.classes;
  architecture.stem = source.design.stem;
  architecture.head = source.design.head;
  if (stem_layer >= 0) architecture.stem[stem_layer].width = stem.value(design);
  int width = stem_layer >= 0 ? architecture.stem[stem_layer].width : architecture.input.channels;
  architecture.slots.resize(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& own = source.design.slots[i];
    Slot& slot = architecture.slots[i];
    slot.stage = own.stage;
    slot.stride = own.stride;
    slot.shortcut = own.shortcut;
    slot.activation = own.activation;
    slot.width = stages[own.stage].value(design);
    slot.module = decode_module(slots[i].kinds[slots[i].kind.index(design)], design, width);
    width = slot.width;
  }
  return architecture;
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
  ModuleSpec spec{slot.module.kind, {}};
  for (const ParameterChoice& parameter : kind->parameters) {
    spec.parameters.push_back({parameter.name, slot.module.at(parameter.name)});
  }
  for (std::size_t i = 0; i < kind->parameters.size(); ++i) {
    const ParameterChoice& parameter = kind->parameters[i];
    int value = spec.parameters[i].value;
    if (parameter.role == ParameterSpec::Role::groups) {
      // The smallest value with the same effect, so that one network has one design.
      for (const int candidate : parameter.choice.values) {
        if (groups_value(parameter, candidate, spec, in_width) != value) continue;
        value = candidate;
        break;
      }
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
Cost SearchSpace::cost(const Design& design) const {
  return cost_of(lower(decode(design)));
}
std::string SearchSpace::key(const Design& design) const {
  return decode(design).key();
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
