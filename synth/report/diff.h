// Slot-by-slot difference of two architectures.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "search_space/architecture.h"
#include "search_space/design_space.h"

namespace synth::report {

// One place where two designs differ. `from` and `to` are for people: "vac(down=16, embed=8, groups=1)".
struct Difference {
  std::string place;     // "stage2.slot1", "stem.layer0", "input", "head"; for tables the decision's name
  int slot = -1;         // index into Architecture::slots; -1 outside
  std::string from, to;  // empty where one side has no such place
  bool operator==(const Difference&) const = default;
};

std::vector<Difference> differences(const search_space::Architecture& from, const search_space::Architecture& to);
// Of two designs of one space: slot by slot where the space makes networks, else decision by decision.
std::vector<Difference> differences(const search_space::DesignSpace& space, const search_space::Design& from,
                                    const search_space::Design& to);

// "vac(down=16, embed=8, groups=1) 64"; stride and other than residual shortcuts are named.
std::string describe(const search_space::Slot& slot);

// A network with the name it is shown under.
struct NamedArchitecture {
  std::string name;
  search_space::Architecture architecture;
};

std::string diff_text(const NamedArchitecture& from, const NamedArchitecture& to, int columns = 0);
nlohmann::ordered_json diff_json(const NamedArchitecture& from, const NamedArchitecture& to);  // schema synth/diff/1

}  // namespace synth::report
