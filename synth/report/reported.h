// Tables of published figures, printed again beside what the tool derives, with the claims made from them checked.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace synth::report {

// Names of the embedded tables: "imagenet50".
std::vector<std::string> reported_sets();

// Both papers' tables with NetScore and weight memory at each network's precision, then every claimed difference or
// ratio, marked reproduced or not from the printed figures. InputError with a suggestion for an unknown set.
std::string reported_text(const std::string& set, int columns = 0);
// Schema synth/compare/1: "networks" as of comparison_json (derived figures null where the network cannot be built),
// and "claims[{network, baseline, quantity, claimed, printed, reproduced, paper}]".
nlohmann::ordered_json reported_json(const std::string& set);

}  // namespace synth::report
