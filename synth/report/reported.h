// Tables of published figures, printed again beside what the tool derives, with the claims made from them checked.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace synth::report {

// Names of the embedded tables: "imagenet50".
std::vector<std::string> reported_sets();

// Both papers' tables, with the digits printed, beside what is derived, NetScore and weight memory at each network's
// precision; then every claimed difference or ratio, marked reproduced or not. InputError with a suggestion for an
// unknown set.
std::string reported_text(const std::string& set, int columns = 0);

// Schema synth/compare/1. "networks" as of comparison_json: costs, weight memory and NetScore are derived (null where
// the network cannot be built), what is printed or computed from it stands in "reported"; nothing is measured, so that
// the accuracy is the printed one. "derivation{parameters, multiply_adds{reproduced, difference}}" (null where nothing
// is derived) marks the printed figures that cannot be derived; difference: derived / printed - 1. "claims[{network,
// baseline, quantity, text, claimed, computed, computed_from, readings, reproduced, paper}]": `computed` from the
// "reported" figures, or, where no table prints them, "derived" and one value per reading [{task, backbone, computed}]
// of what the paper leaves open.
nlohmann::ordered_json reported_json(const std::string& set);

// The figures that the tables print, as a plot: accuracy over multiply-adds, disc area ~ parameters.
std::string reported_svg(const std::string& set);

}  // namespace synth::report
