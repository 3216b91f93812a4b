// Enumerates small spaces; searches large ones decision by decision, by cost alone.
#include "synth/engine/cost_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "search_space/random.h"
#include "synth/engine/objective.h"

namespace synth::engine {
namespace {

using search_space::Cost;
using search_space::Design;
using search_space::DesignSpace;

constexpr double enumerable = 2e4;  // designs; lowering a network takes some 50 us
constexpr int restarts = 4;
using Measure = std::function<double(const Cost&)>;
using Visit = std::function<void(const Design&, const Cost&)>;

// Calls `visit` for every canonical design inside the space that agrees with `design` before `decision`. What is open
// within module kinds that are absent is not counted through: a single slot would make 10^11 combinations of it.
void enumerate(const DesignSpace& space, Design& design, int decision, const Visit& visit) {
  if (decision == static_cast<int>(design.size())) {
    if (space.why_not(design).empty()) visit(design, space.cost(design));
    return;
  }
  design[decision] = 0;
  // Parents precede their children, so it is settled whether this decision is active.
  const int values = space.active(design, decision) ? space.decisions()[decision].size() : 1;
  for (; design[decision] < values; ++design[decision]) enumerate(space, design, decision + 1, visit);
}

void add(Cost& total, const Cost& part) {
  total.weights += part.weights;
  total.biases += part.biases;
  total.multiply_adds += part.multiply_adds;
  total.peak_activations = std::max(total.peak_activations, part.peak_activations);
}

// Coordinate descent: every decision in turn takes its best value, until nothing changes. Only the parts that a
// decision touches are costed anew, so that a sweep takes time in proportion to the network.
class Descent {
 public:
  explicit Descent(const DesignSpace& space) : space_(space), children_(space.decisions().size()) {
    for (int i = 0; i < static_cast<int>(children_.size()); ++i) {
      if (const int parent = space.decisions()[i].parent; parent >= 0) children_[parent].push_back(i);
      touched_.push_back(space.parts_touched(i));
    }
  }

  CostExtreme run(Design start, const Measure& measure) {
    design_ = std::move(start);
    parts_.clear();
    for (int part = 0; part < space_.parts(); ++part) parts_.push_back(*space_.part_cost(design_, part));
    for (bool changed = true; changed;) {
      changed = false;
      for (int decision = 0; decision < static_cast<int>(design_.size()); ++decision) {
        if (space_.active(design_, decision)) changed |= improve(decision, measure);
      }
      // What a change of widths has made equal is written the same way.
      design_ = space_.canonical(std::move(design_));
    }
    return {design_, space_.cost(design_)};
  }

 private:
  bool improve(int decision, const Measure& measure) {
    const std::vector<int>& touched = touched_[decision];
    Cost rest, total;
    std::size_t next = 0;
    for (int part = 0; part < static_cast<int>(parts_.size()); ++part) {
      if (next < touched.size() && touched[next] == part)
        ++next;
      else
        add(rest, parts_[part]);
    }
    total = rest;
    for (const int part : touched) add(total, parts_[part]);
    double best = measure(total);
    bool changed = false;
    for (int value = 0, present = design_[decision]; value < space_.decisions()[decision].size(); ++value) {
      if (value == present) continue;
      undo_.clear();
      set(decision, value);
      std::vector<Cost> found;
      total = rest;
      for (const int part : touched) {
        const std::optional<Cost> cost = space_.part_cost(design_, part);
        if (!cost) break;
        add(total, found.emplace_back(*cost));
      }
      if (found.size() == touched.size() && measure(total) < best) {
        best = measure(total);
        for (std::size_t i = 0; i < touched.size(); ++i) parts_[touched[i]] = found[i];
        changed = true;
      } else {
        for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) design_[change->first] = change->second;
      }
    }
    return changed;
  }

  // Decisions that are no longer active become 0, as in canonical form.
  void set(int decision, int value) {
    undo_.emplace_back(decision, design_[decision]);
    design_[decision] = value;
    for (const int child : children_[decision]) {
      if (space_.decisions()[child].parent_value != value) set(child, 0);
    }
  }

  const DesignSpace& space_;
  std::vector<std::vector<int>> children_, touched_;  // per decision; parts in ascending order
  Design design_;
  std::vector<Cost> parts_;
  std::vector<std::pair<int, int>> undo_;  // decision and its earlier value, in the order of the changes
};

CostExtreme search(const DesignSpace& space, const Measure& measure) {
  Descent descent(space);
  CostExtreme best = descent.run(space.prototype(), measure);
  search_space::Random random(search_space::stream_seed(0, "cost range", "restart"));
  for (int restart = 0; restart < restarts; ++restart) {
    Design start;
    for (const auto& decision : space.decisions()) start.push_back(random.below(decision.size()));
    start = space.canonical(std::move(start));
    if (!space.why_not(start).empty()) continue;
    CostExtreme found = descent.run(std::move(start), measure);
    if (measure(found.cost) < measure(best.cost)) best = std::move(found);
  }
  return best;
}

}  // namespace

CostRange cost_range(const DesignSpace& space, const Requirements& requirements) {
  const Objective objective(NetScore{}, requirements);
  CostRange range;
  const std::vector<std::pair<CostExtreme*, Measure>> wanted = {
      {&range.least_parameters, [](const Cost& cost) { return static_cast<double>(cost.parameters()); }},
      {&range.least_multiply_adds, [](const Cost& cost) { return static_cast<double>(cost.multiply_adds); }},
      {&range.least_weight_bytes,
       [&](const Cost& cost) { return static_cast<double>(cost.weight_bytes(requirements.weight_bits)); }},
      {&range.least_peak_activation,
       [&](const Cost& cost) { return static_cast<double>(cost.peak_activation_bytes(requirements.activation_bits)); }},
      {&range.most_parameters, [](const Cost& cost) { return -static_cast<double>(cost.parameters()); }},
      {&range.most_multiply_adds, [](const Cost& cost) { return -static_cast<double>(cost.multiply_adds); }},
      {&range.least_excess, [&](const Cost& cost) { return objective.cost_excess(cost); }}};
  range.exact = space.log10_size() <= std::log10(enumerable);
  if (range.exact) {
    for (const auto& [extreme, measure] : wanted) *extreme = {space.prototype(), space.cost(space.prototype())};
    Design first(space.decisions().size(), 0);
    enumerate(space, first, 0, [&](const Design& design, const Cost& cost) {
      for (const auto& [extreme, measure] : wanted)
        if (measure(cost) < measure(extreme->cost)) *extreme = {design, cost};
    });
  } else {
    for (const auto& [extreme, measure] : wanted) *extreme = search(space, measure);
  }
  range.excess = objective.cost_excess(range.least_excess.cost);
  return range;
}

std::string why_infeasible(const CostRange& range, const Requirements& requirements) {
  const char* found = range.exact ? "no network in this space has fewer than {} {}"
                                  : "the least that a search by cost found is {0} {1}";
  const auto check = [&](const char* what, std::int64_t least, const std::optional<std::int64_t>& bound) {
    if (!bound || least <= *bound) return std::string();
    return fmt::format(fmt::runtime(found), least, what) + fmt::format("; the requirement is at most {}", *bound);
  };
  for (const std::string& text :
       {check("parameters", range.least_parameters.cost.parameters(), requirements.parameters),
        check("multiply-adds", range.least_multiply_adds.cost.multiply_adds, requirements.multiply_adds),
        check("weight bytes", range.least_weight_bytes.cost.weight_bytes(requirements.weight_bits),
              requirements.weight_bytes),
        check("peak activation bytes",
              range.least_peak_activation.cost.peak_activation_bytes(requirements.activation_bits),
              requirements.peak_activation_bytes)})
    if (!text.empty()) return text;
  if (range.excess <= 1) return {};
  const Cost& cost = range.least_excess.cost;
  return fmt::format(
      "no network meets all cost requirements at once{}; the nearest has {} parameters, {} multiply-adds, {} weight "
      "bytes and "
      "{} peak activation bytes, {:.3g} times a bound",
      range.exact ? "" : " (of those a search by cost found)", cost.parameters(), cost.multiply_adds,
      cost.weight_bytes(requirements.weight_bits), cost.peak_activation_bytes(requirements.activation_bits),
      range.excess);
}

}  // namespace synth::engine
