// A family as the papers print one: figures beside the prototype's, with ratios.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "search_space/cost.h"

namespace synth::cli {

// A finally trained network, or the prototype as the search trained it.
struct FamilyRow {
  std::string name;
  int id = 0;
  int generator = 0;
  double validation_accuracy = 0;  // at the required precision, fraction
  double accuracy_lower_bound = 0;
  double test_accuracy = 0;  // float
  double int8_test_accuracy = 0;
  search_space::Cost cost;
  double netscore = 0;    // of the test accuracy at the required precision
  std::string violation;  // of a requirement, on the final network; empty if all hold
  std::string architecture_file, weights_file;
};

nlohmann::ordered_json family_row_json(const FamilyRow& row);
FamilyRow family_row_from_json(const nlohmann::ordered_json& json);  // figures that are missing are NaN or 0
// Schema synth/family/1.
nlohmann::ordered_json family_json(const FamilyRow& prototype, const std::vector<FamilyRow>& members);
// Without a prototype that was measured, ratios are to its costs alone.
std::string family_text(const FamilyRow& prototype, const std::vector<FamilyRow>& members, int columns);
std::string family_markdown(const FamilyRow& prototype, const std::vector<FamilyRow>& members);

}  // namespace synth::cli
