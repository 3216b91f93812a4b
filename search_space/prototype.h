// The human-specified initial design (phi in the papers): an architecture with open slots.
#pragma once

#include <string>
#include <vector>

#include "search_space/architecture.h"

namespace search_space {

struct Prototype {
  std::string name;
  std::string description;
  Architecture design;  // what G_0 reproduces
  int channel_multiple = 4;
  std::vector<std::vector<std::string>>
      kinds;  // per slot: the module kinds a search may put there; empty = slot is fixed
  std::vector<std::vector<int>> stage_widths;  // per stage: output widths a search may choose; empty = fixed
  std::vector<int> stem_widths;                // widths of the stem's convolution a search may choose; empty = fixed
  bool head_narrows = true;  // whether a width factor below 1 also narrows the head (not MobileNet-V2)
  int minimum_size = 1;      // smallest and largest input height/width it is meant for
  int maximum_size = 1 << 16;
};

}  // namespace search_space
