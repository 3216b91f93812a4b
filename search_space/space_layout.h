// How a prototype's open choices are laid out as decisions; shared by opening a space and by translating its designs.
#pragma once

#include <string>
#include <vector>

#include "search_space/module.h"
#include "search_space/search_space.h"

namespace search_space {

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

  std::vector<int> values(const Design& design) const {
    std::vector<int> result;
    for (const ParameterChoice& parameter : parameters) result.push_back(parameter.choice.value(design));
    return result;
  }
};

struct SlotChoice {
  Choice kind;  // values = indices into `kinds`
  std::vector<KindChoice> kinds;
};

struct SearchSpace::Layout {
  Prototype source;
  int stem_layer = -1;
  Choice stem;
  std::vector<Choice> stages;
  std::vector<SlotChoice> slots;
  std::vector<Decision> decisions;
  Design prototype;
  std::vector<int> like;        // per slot: the first with the same choices, at the same widths
  std::vector<Shape> entering;  // per slot, then the head; height and width are those of every design

  explicit Layout(Prototype given);
  void check() const;
  void check_largest() const;
  Choice decide(const std::string& name, std::vector<int> values, int slot, int parent, int parent_value,
                bool ordinal = true);
  void open_slot(int slot, const Shape& input);
  bool alike(int first, int second) const;
  void find_like();
  void canonicalise_groups(Design& design) const;
  Architecture decode(const Design& design) const;
  int width_entering(int slot, const Design& design) const;  // slot = number of slots: the head
  Slot decode_slot(int slot, int in_width, const Design& design) const;
  Graph part_graph(const Design& design, int part) const;
  ModuleSpec decode_module(const KindChoice& kind, const Design& design, int in_width) const;
  Design encode(const Architecture& architecture) const;
  void encode_module(const Slot& slot, int index, int in_width, Design& design) const;
};

std::string slot_name(const Architecture& design, int slot);  // "stage2.slot1"

}  // namespace search_space
