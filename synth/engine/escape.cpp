// Random networks, brought within the bounds of costs.
#include "synth/engine/escape.h"

#include <algorithm>
#include <string>

#include "search_space/random.h"

namespace synth::engine {

using search_space::Design;

namespace {

constexpr int escape_samples = 200;
constexpr int escape_walks = 8;  // of samples beyond the cost bounds to within them

}  // namespace

std::vector<Candidate> random_networks(Inquisitor& inquisitor, Experiment& experiment, const Target& target) {
  const auto& space = experiment.space();
  std::vector<Candidate> found;
  if (space.decisions().empty()) return found;  // a prototype may leave nothing open
  search_space::Random random(
      search_space::stream_seed(experiment.config().seed, std::to_string(experiment.generators().size()), "escape"));
  int beyond = 0;  // samples whose costs broke a bound
  for (int sample = 0; sample < escape_samples; ++sample) {
    Design design = target.centre;
    const int moves = 2 + random.below(std::max(1, static_cast<int>(design.size()) - 1));
    for (int move = 0; move < moves; ++move) {
      const int decision = random.below(static_cast<int>(design.size()));
      design[decision] = random.below(space.decisions()[decision].size());
    }
    design = space.canonical(std::move(design));
    if (!space.why_not(design).empty()) continue;
    if (!experiment.objective().cost_feasible(space.cost(design))) {
      // Few random networks may be within the bounds: some are brought there.
      if (++beyond > escape_walks) continue;
      Target from = target;
      from.centre = design;
      design = affordable(inquisitor, space, experiment.objective(), from);
    }
    if (design.empty() || experiment.find(design)) continue;
    const double value = acquisition(inquisitor.judge(design), target);
    found.push_back({std::move(design), value});
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
  return found;
}

}  // namespace synth::engine
