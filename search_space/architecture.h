// One concrete network design, a plain value (N_s in the papers).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "search_space/shape.h"

namespace search_space {

struct Parameter {
  std::string name;
  int value = 0;
  bool operator==(const Parameter&) const = default;
};

// A module kind of the registry with its parameters, in the order in which the kind declares them.
struct ModuleSpec {
  std::string kind;
  std::vector<Parameter> parameters;

  int at(std::string_view name) const;  // InputError if absent
  bool operator==(const ModuleSpec&) const = default;
};

// y = activation(module(x) + shortcut(x)). The slot, not the module, owns shortcut, stride and output width.
enum class Shortcut {
  residual,  // identity where the shape allows, else 1x1 convolution (slot's stride) + batch norm
  identity,  // identity where the shape allows, else none (MobileNet-V2)
  none
};

struct Slot {
  int stage = 0;  // 0-based
  int stride = 1;
  int width = 0;  // output channels; tied across a stage where shortcuts are residual
  ModuleSpec module;
  Shortcut shortcut = Shortcut::residual;
  std::string activation = "relu";  // after the sum: "relu", "hard_swish", "none"
  bool operator==(const Slot&) const = default;
};

// A layer of the stem, or a 1x1 convolution before the head's pooling.
struct Layer {
  std::string op = "conv";  // "conv" (with batch norm and activation), "max_pool"
  int width = 0;            // conv only
  int kernel = 3;
  int stride = 1;
  std::string activation = "relu";
  bool operator==(const Layer&) const = default;
};

// Layers, global average pooling, optional hidden dense layer, dense layer to the classes, softmax.
struct Head {
  std::vector<Layer> layers;
  int hidden = 0;  // width of a dense layer before the last (MobileNet-V3); 0 = none
  std::string hidden_activation = "relu";
  bool operator==(const Head&) const = default;
};

struct Architecture {
  Shape input;
  int classes = 0;
  std::vector<Layer> stem;
  std::vector<Slot> slots;
  Head head;

  // Content hash of the canonical form, 32 hexadecimal digits. Two spellings of one network have one key.
  std::string key() const;
  bool operator==(const Architecture&) const = default;
};

}  // namespace search_space
