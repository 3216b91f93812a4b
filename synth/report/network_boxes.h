// What both pictures of a network show: one box per slot and per layer outside slots. Internal to reports.
#pragma once

#include <string>
#include <vector>

#include "search_space/architecture.h"
#include "search_space/cost.h"

namespace synth::report {

struct NetworkBox {
  std::string kind;    // module kind, "conv", "max_pool", "pool", "dense", "softmax", "input"
  std::string title;   // "vac", "conv 3x3"; with the kernel of a kind that may have several
  std::string widths;  // output channels of its convolutions in order: "16, 8, 16, 64"
  std::string tooltip;
  int stride = 1;
  enum class Bypass { none, identity, projection } bypass = Bypass::none;
  std::string details{};  // parts that a kind may leave out, and activations but ReLU: "squeeze_excite, hard_swish"
};

struct NetworkColumn {
  std::string title;   // "stem", "stage 2", "head"
  std::string detail;  // "48 channels, 14x14"
  std::vector<NetworkBox> boxes;
};

struct NetworkBoxes {
  std::vector<NetworkColumn> columns;  // in order of execution
  search_space::Cost cost;
};

NetworkBoxes boxes_of(const search_space::Architecture& architecture);

// Fill colour of a kind: a module kind's by its place in the registry, so that new kinds get one without a change here.
std::string colour_of(const std::string& kind);

}  // namespace synth::report
