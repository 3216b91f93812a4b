// How many random architectures of residual16 are drawn, decoded, lowered and costed per second on one core.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "prototypes/library.h"
#include "search_space/random.h"
#include "search_space/search_space.h"

int main() {
  const search_space::SearchSpace space(prototypes::load("residual16"));
  search_space::Random random(1);
  search_space::Design design(space.decisions().size());
  constexpr int architectures = 300'000;
  std::int64_t smallest = INT64_MAX, largest = 0;
  const std::clock_t start = std::clock();  // processor time: other work on the machine does not count
  for (int i = 0; i < architectures; ++i) {
    for (std::size_t d = 0; d < design.size(); ++d) design[d] = random.below(space.decisions()[d].size());
    const search_space::Cost cost = space.cost(design);
    smallest = std::min(smallest, cost.parameters());
    largest = std::max(largest, cost.parameters());
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  fmt::print("{:.0f} architectures/s ({} in {:.2f} s; parameters {} to {})\n", architectures / seconds, architectures,
             seconds, smallest, largest);
}
