// How many random architectures of residual16 are drawn, decoded, lowered and costed per second on one core.
#include <fmt/format.h>

#include <chrono>

#include "prototypes/library.h"
#include "search_space/random.h"
#include "search_space/search_space.h"

int main() {
  const search_space::SearchSpace space(prototypes::load("residual16"));
  search_space::Random random(1);
  search_space::Design design(space.decisions().size());
  constexpr int architectures = 300'000;
  std::int64_t smallest = INT64_MAX, largest = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < architectures; ++i) {
    for (std::size_t d = 0; d < design.size(); ++d) design[d] = random.below(space.decisions()[d].size());
    const search_space::Cost cost = space.cost(design);
    smallest = std::min(smallest, cost.parameters());
    largest = std::max(largest, cost.parameters());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{:.0f} architectures/s ({} in {:.2f} s; parameters {} to {})\n", architectures / seconds, architectures,
             seconds, smallest, largest);
}
