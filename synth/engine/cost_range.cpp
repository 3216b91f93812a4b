// Enumerates small spaces; searches large ones part by part, by cost alone.
#include "synth/engine/cost_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "synth/engine/cost_search.h"
#include "synth/engine/objective.h"

namespace synth::engine {
namespace {

using search_space::Cost;
using search_space::Design;
using search_space::DesignSpace;

constexpr double enumerable = 2e4;  // designs; lowering a network takes some 50 us
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

struct Extreme {
  CostExtreme CostRange::*where;
  PartMeasure measure;
};

std::vector<Extreme> extremes(const Requirements& requirements) {
  const int weight_bits = requirements.weight_bits;
  const auto sum = [](CostMeasure of) { return PartMeasure{std::move(of), false}; };
  std::vector<Extreme> all = {
      {&CostRange::least_parameters, sum([](const Cost& cost) { return double(cost.parameters()); })},
      {&CostRange::least_multiply_adds, sum([](const Cost& cost) { return double(cost.multiply_adds); })},
      // In bits, not rounded up to bytes.
      {&CostRange::least_weight_bytes,
       sum([=](const Cost& cost) { return double(cost.weights) * weight_bits + double(cost.biases) * 32; })},
      {&CostRange::least_peak_activation, {[](const Cost& cost) { return double(cost.peak_activations); }, true}},
      {&CostRange::most_parameters, sum([](const Cost& cost) { return -double(cost.parameters()); })},
      {&CostRange::most_multiply_adds, sum([](const Cost& cost) { return -double(cost.multiply_adds); })}};
  if (requirements.flash)
    all.push_back({&CostRange::least_flash,
                   sum([](const Cost& cost) { return double(cost.deployment.constants + cost.deployment.calls); })});
  if (requirements.ram)
    all.push_back({&CostRange::least_ram, {[](const Cost& cost) { return double(cost.deployment.ram); }, true}});
  if (requirements.latency_cycles)
    all.push_back(
        {&CostRange::least_cycles, sum([](const Cost& cost) { return double(cost.deployment.instructions); })});
  return all;
}

// What leads to networks that meet several bounds at once: weighted sums of the costs in units of their bounds, where
// the peak, which counts part by part, must keep to its own bound in every part.
std::vector<PartMeasure> compromises(const Requirements& requirements) {
  using Bound = std::optional<std::int64_t>;
  std::vector<CostMeasure> costs;
  const auto bounded = [&](const Bound& bound, const auto& cost) {
    if (bound)
      costs.push_back([=, unit = std::max(1.0, double(*bound))](const Cost& part) { return cost(part) / unit; });
  };
  bounded(requirements.parameters, [](const Cost& part) { return double(part.parameters()); });
  bounded(requirements.multiply_adds, [](const Cost& part) { return double(part.multiply_adds); });
  bounded(requirements.weight_bytes, [bits = requirements.weight_bits](const Cost& part) {
    return double(part.weights) * bits / 8 + double(part.biases) * 4;
  });
  bounded(requirements.flash,
          [](const Cost& part) { return double(part.deployment.constants + part.deployment.calls); });
  bounded(requirements.latency_cycles, [](const Cost& part) { return double(part.deployment.instructions); });
  const Bound peak = requirements.peak_activation_bytes, ram = requirements.ram;
  if (costs.size() + (peak ? 1 : 0) + (ram ? 1 : 0) < 2) return {};
  const auto sum = [=, bits = requirements.activation_bits](const Cost& part, const std::array<int, 5>& weights) {
    double total = 0;
    for (std::size_t i = 0; i < costs.size(); ++i) total += weights[i] * costs[i](part);
    constexpr double dearer_than_all_else = 1e9;
    const auto keep = [&](std::int64_t bytes, const Bound& bound) {
      if (bound && bytes > *bound) total += dearer_than_all_else * double(bytes) / std::max(1.0, double(*bound));
    };
    keep(part.peak_activation_bytes(bits), peak);
    keep(part.deployment.ram, ram);
    return total;
  };
  std::vector<PartMeasure> found;
  constexpr int steps = 4;  // weights are multiples of a quarter of their sum
  std::array<int, 5> weights{};
  const std::function<void(std::size_t, int)> choose = [&](std::size_t cost, int left) {
    if (cost + 1 < costs.size()) {
      for (weights[cost] = 0; weights[cost] <= left; ++weights[cost]) choose(cost + 1, left - weights[cost]);
      return;
    }
    if (!costs.empty()) weights[cost] = left;
    found.push_back({[=](const Cost& part) { return sum(part, weights); }, false});
  };
  choose(0, steps);
  return found;
}

void keep_least(const CostMeasure& measure, const CostExtreme& candidate, CostExtreme& best) {
  if (measure(candidate.cost) < measure(best.cost)) best = candidate;
}

void consider(const CostExtreme& candidate, const std::vector<Extreme>& wanted, const CostMeasure& excess,
              CostRange& range) {
  for (const Extreme& extreme : wanted) keep_least(extreme.measure.of, candidate, range.*extreme.where);
  keep_least(excess, candidate, range.least_excess);
}

void search(const DesignSpace& space, const std::vector<Extreme>& wanted, const CostMeasure& excess,
            const Requirements& requirements, CostRange& range) {
  std::vector<PartMeasure> measures = compromises(requirements);
  const std::size_t descents = measures.empty() ? 0 : 3;
  for (const Extreme& extreme : wanted) measures.push_back(extreme.measure);
  CostSearch search(space);
  std::vector<CostExtreme> found;
  for (Design& design : search.least(measures)) {
    if (!space.why_not(design).empty()) continue;
    const Cost cost = space.cost(design);
    consider(found.emplace_back(CostExtreme{std::move(design), cost}), wanted, excess, range);
  }
  // Weighted sums miss compromises between their optima.
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto& a, const auto& b) { return excess(a.cost) < excess(b.cost); });
  for (std::size_t i = 0; i < std::min(descents, found.size()) && excess(range.least_excess.cost) > 1; ++i) {
    Design design = search.descend(found[i].design, excess);
    const Cost cost = space.cost(design);
    consider({std::move(design), cost}, wanted, excess, range);
  }
}

}  // namespace

CostRange cost_range(const DesignSpace& space, const Requirements& requirements) {
  const Objective objective(NetScore{}, requirements);
  const CostMeasure excess = [&](const Cost& cost) { return objective.cost_excess(cost); };
  const std::vector<Extreme> wanted = extremes(requirements);
  CostRange range;
  range.exact = space.log10_size() <= std::log10(enumerable);
  range.least_excess = {space.prototype(), space.cost(space.prototype())};
  for (const Extreme& extreme : wanted) range.*extreme.where = range.least_excess;
  if (range.exact) {
    Design first(space.decisions().size(), 0);
    enumerate(space, first, 0, [&](const Design& design, const Cost& cost) {
      consider({design, cost}, wanted, excess, range);
    });
  } else {
    search(space, wanted, excess, requirements, range);
  }
  range.excess = excess(range.least_excess.cost);
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
              requirements.peak_activation_bytes),
        check("flash bytes", range.least_flash.cost.deployment.flash(), requirements.flash),
        check("RAM bytes", range.least_ram.cost.deployment.ram, requirements.ram),
        check("cycles", range.least_cycles.cost.deployment.instructions, requirements.latency_cycles)})
    if (!text.empty()) return text;
  if (range.excess <= 1) return {};
  const Cost& cost = range.least_excess.cost;
  const std::string deployed = requirements.deployed()
                                   ? fmt::format(", {} flash bytes, {} RAM bytes, {} cycles", cost.deployment.flash(),
                                                 cost.deployment.ram, cost.deployment.instructions)
                                   : std::string();
  return fmt::format(
      "no network meets all cost requirements at once{}; the nearest has {} parameters, {} multiply-adds, {} weight "
      "bytes and {} peak activation bytes{}, {:.3g} times a bound",
      range.exact ? "" : " (of those a search by cost found)", cost.parameters(), cost.multiply_adds,
      cost.weight_bytes(requirements.weight_bits), cost.peak_activation_bytes(requirements.activation_bits), deployed,
      range.excess);
}

}  // namespace synth::engine
