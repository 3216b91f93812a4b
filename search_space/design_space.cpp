// What every finite space of designs shares.
#include "search_space/design_space.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "search_space/random.h"

namespace search_space {

std::size_t DesignHash::operator()(const Design& design) const {
  return stream_seed(0, design, {});
}

std::string DesignSpace::why_not(const Design& design) const {
  const auto& all = decisions();
  if (design.size() != all.size()) {
    return "design has " + std::to_string(design.size()) + " values; the space has " + std::to_string(all.size()) +
           " decisions";
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (design[i] < 0 || design[i] >= all[i].size()) {
      return all[i].name + " has value index " + std::to_string(design[i]) + "; allowed are 0 to " +
             std::to_string(all[i].size() - 1);
    }
  }
  return {};
}

std::optional<Cost> DesignSpace::part_cost(const Design& design, int) const {
  if (!why_not(design).empty()) return std::nullopt;
  return cost(design);
}

std::vector<std::vector<std::vector<int>>> DesignSpace::opened() const {
  const auto& all = decisions();
  std::vector<std::vector<std::vector<int>>> result(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    result[i].resize(all[i].size());
    // Parents precede their children.
    if (all[i].parent >= 0) result[all[i].parent][all[i].parent_value].push_back(static_cast<int>(i));
  }
  return result;
}

bool DesignSpace::active(const Design& design, int decision) const {
  const auto& all = decisions();
  for (int at = decision; all[at].parent >= 0; at = all[at].parent) {
    if (design[all[at].parent] != all[at].parent_value) return false;
  }
  return true;
}

Design DesignSpace::canonical(Design design) const {
  // Parents precede their children, so that one pass settles chains.
  const auto& all = decisions();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].parent >= 0 && !active(design, static_cast<int>(i))) design[i] = 0;
  }
  return design;
}

double DesignSpace::log10_size() const {
  // Sizes of subtrees from the last decision to the first: a decision contributes, for each of its values, the product
  // of the decisions that this value activates. Counted in logarithms, since the product overflows.
  const auto& all = decisions();
  std::vector<std::map<int, double>> below(all.size());  // per decision and value: log10 of what the value activates
  double total = 0;
  for (int i = static_cast<int>(all.size()) - 1; i >= 0; --i) {
    double largest = 0;
    for (const auto& [value, log] : below[i]) largest = std::max(largest, log);
    double sum = 0;
    for (int value = 0; value < all[i].size(); ++value) {
      const auto found = below[i].find(value);
      sum += std::pow(10.0, (found == below[i].end() ? 0.0 : found->second) - largest);
    }
    const double log = largest + std::log10(sum);
    if (all[i].parent < 0) {
      total += log;
    } else {
      below[all[i].parent][all[i].parent_value] += log;
    }
  }
  return total;
}

int DesignSpace::distance(const Design& first, const Design& second) const {
  int differing = 0;
  for (std::size_t i = 0; i < first.size(); ++i) differing += first[i] != second[i] ? 1 : 0;
  return differing;
}

}  // namespace search_space
