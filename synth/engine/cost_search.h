// Designs of extreme cost, found part by part: no design of the space has to be costed whole.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "search_space/design_space.h"

namespace synth::engine {

using CostMeasure = std::function<double(const search_space::Cost&)>;

// What a part counts for. Of all parts the greatest value counts where `greatest`, else their sum.
struct PartMeasure {
  CostMeasure of;
  bool greatest = false;
};

class CostSearch {
 public:
  explicit CostSearch(const search_space::DesignSpace& space);

  // Per measure, the design where it is least. Exact for the decisions that parts share (widths between slots) and for
  // the choice among module kinds; within a kind, descent from both ends of its parameters. So a kind more never makes
  // the least greater.
  std::vector<search_space::Design> least(const std::vector<PartMeasure>& measures);

  // For measures that parts do not make up: descent part by part, until nothing changes.
  search_space::Design descend(search_space::Design start, const CostMeasure& of_whole);

 private:
  struct Best {
    double value;
    std::vector<int> own;  // values of the part's own decisions
  };
  struct State;  // of the decisions that parts done share with parts to come

  search_space::Design least(const std::vector<PartMeasure>& measures, std::size_t measure);
  std::vector<State> advance(int part, const std::vector<State>& before, const std::vector<PartMeasure>& measures,
                             std::size_t measure);
  const std::vector<Best>& bests(int part, const std::vector<PartMeasure>& measures);
  double settle(int part, const std::vector<int>& decisions, const CostMeasure& of, int restarts);
  double sweep(int part, const std::vector<int>& decisions, const CostMeasure& of);
  double value(int part, const CostMeasure& of);
  bool improve_shared(int decision, const CostMeasure& of_whole);
  search_space::Cost rest(const std::vector<int>& left_out) const;
  void set(int decision, int value);
  std::vector<int> values_of(const std::vector<int>& decisions) const;
  void set_all(const std::vector<int>& decisions, const std::vector<int>& values);

  const search_space::DesignSpace& space_;
  std::vector<std::vector<int>> touched_;                // per decision: parts, ascending
  std::vector<std::vector<std::vector<int>>> children_;  // per decision and value: decisions that it makes active
  std::vector<std::vector<int>> own_, roots_;  // per part: decisions that touch it alone; those that are always active
  std::vector<std::vector<int>> shared_, entering_;  // per part: the other decisions; those that no earlier part has
  std::vector<std::vector<int>> leaving_;            // per part: decisions shared with later parts
  search_space::Design design_;
  std::vector<search_space::Cost> parts_;  // of `design_`, while descending
  std::unordered_map<search_space::Design, std::optional<search_space::Cost>, search_space::DesignHash>
      costs_;                                                            // of one part, by its own values
  std::map<std::pair<int, std::vector<int>>, std::vector<Best>> bests_;  // by part and shared values
};

}  // namespace synth::engine
