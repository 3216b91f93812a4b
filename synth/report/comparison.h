// Networks side by side, as in the papers' tables: top-1, parameters, multiply-adds, weight memory, NetScore, ratios.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search_space/cost.h"
#include "synth/engine/objective.h"

namespace synth::report {

// Figures as a publication prints them; shown beside what is derived, never instead of it.
struct Reported {
  std::optional<double> accuracy;  // fraction
  std::optional<double> parameters, multiply_adds, netscore;
};

struct ComparedNetwork {
  std::string name;
  std::optional<double> accuracy;  // top-1 as a fraction; absent where it was not measured
  search_space::Cost cost;
  int weight_bits = 32;
  std::optional<Reported> reported;
  std::string split{};  // where the accuracy comes from: "test", "validation", "given"
};

struct Comparison {
  std::vector<ComparedNetwork> networks;
  int baseline = -1;  // index into networks; -1 = no ratios
  engine::NetScore score;
  search_space::Counting counting = search_space::Counting::folded;  // with which the costs were counted
};

std::string comparison_text(const Comparison& comparison, int columns = 0);
nlohmann::ordered_json comparison_json(const Comparison& comparison);  // schema synth/compare/1
// Accuracy over multiply-adds, disc area ~ parameters; `note` goes to the caption.
std::string comparison_svg(const Comparison& comparison, const std::string& note = {});

}  // namespace synth::report
