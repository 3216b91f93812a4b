// Rank correlation of cheap and full accuracies.
#include "synth/engine/fidelity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "synth/engine/bench_optimum.h"

namespace synth::engine {
namespace {

// Mean rank of each value.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i) result[order[i]] = (static_cast<double>(first + last) - 1) / 2;
  }
  return result;
}

}  // namespace

std::optional<double> rank_correlation(const std::vector<double>& first, const std::vector<double>& second) {
  if (first.size() < 3) return std::nullopt;
  const std::vector<double> a = ranks(first), b = ranks(second);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;
  double products = 0, squares_a = 0, squares_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    products += (a[i] - mean) * (b[i] - mean);
    squares_a += (a[i] - mean) * (a[i] - mean);
    squares_b += (b[i] - mean) * (b[i] - mean);
  }
  if (squares_a == 0 || squares_b == 0) return std::nullopt;
  return products / std::sqrt(squares_a * squares_b);
}

std::optional<Fidelity> fidelity_of(const evaluators::Table& table, const Objective& objective) {
  if (!table.cheap_accuracy(table.prototype())) return std::nullopt;
  std::vector<double> cheap, full, cheap_feasible, full_feasible;
  table.visit_all(std::numeric_limits<std::uint64_t>::max(), [&](const search_space::Design& design) {
    const evaluators::Evaluation evaluation = judged(table, design);
    cheap.push_back(*table.cheap_accuracy(design));
    full.push_back(evaluation.accuracy);
    if (!objective.feasible(evaluation)) return;
    cheap_feasible.push_back(cheap.back());
    full_feasible.push_back(full.back());
  });
  return Fidelity{table.cheap_cost_fraction(), static_cast<int>(full.size()), static_cast<int>(full_feasible.size()),
                  rank_correlation(cheap, full), rank_correlation(cheap_feasible, full_feasible)};
}

}  // namespace synth::engine
