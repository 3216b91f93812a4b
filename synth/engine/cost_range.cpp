// Enumerates small spaces; searches large ones decision by decision, by cost alone.
#include "synth/engine/cost_range.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>

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

// Coordinate descent from `start`: every decision in turn takes its best value, until nothing changes.
CostExtreme descend(const DesignSpace& space, Design start, const Measure& measure) {
  CostExtreme best{start, space.cost(start)};
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t decision = 0; decision < start.size(); ++decision) {
      if (!space.active(best.design, static_cast<int>(decision))) continue;
      const int present = best.design[decision];
      for (int value = 0; value < space.decisions()[decision].size(); ++value) {
        if (value == present) continue;
        Design design = best.design;
        design[decision] = value;
        design = space.canonical(std::move(design));
        if (!space.why_not(design).empty()) continue;
        const Cost cost = space.cost(design);
        if (measure(cost) >= measure(best.cost)) continue;
        best = {design, cost};
        changed = true;
      }
    }
  }
  return best;
}

CostExtreme search(const DesignSpace& space, const Measure& measure) {
  CostExtreme best = descend(space, space.prototype(), measure);
  search_space::Random random(search_space::stream_seed(0, "cost range", "restart"));
  for (int restart = 0; restart < restarts; ++restart) {
    Design start;
    for (const auto& decision : space.decisions()) start.push_back(random.below(decision.size()));
    start = space.canonical(std::move(start));
    if (!space.why_not(start).empty()) continue;
    CostExtreme found = descend(space, start, measure);
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
