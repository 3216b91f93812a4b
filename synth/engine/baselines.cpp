// Random search, local search and regularized evolution.
#include "synth/engine/baselines.h"

#include <algorithm>
#include <deque>
#include <set>

#include "synth/engine/baselines_common.h"

namespace synth::engine {

using search_space::Design;
using search_space::DesignSpace;
using search_space::Random;

namespace {

Random stream(const Experiment& experiment) {
  return Random(search_space::stream_seed(experiment.config().seed, experiment.config().algorithm, "search"));
}

std::size_t evaluated(const Experiment& experiment) {
  return experiment.records().size();
}

// `count` designs that are not evaluated yet, distinct; fewer where the space is (nearly) exhausted.
std::vector<Design> fresh_designs(const Experiment& experiment, int count, Random& random) {
  std::set<Design> drawn;
  std::vector<Design> fresh;
  for (int attempt = 0; attempt < stalled_proposals && static_cast<int>(fresh.size()) < count; ++attempt) {
    const Design design = random_design(experiment.space(), random);
    if (design.empty()) break;
    if (experiment.find(design) != nullptr || !drawn.insert(design).second) continue;
    fresh.push_back(design);
    attempt = 0;
  }
  return fresh;
}

// Climbs from `start` until no neighbour is better.
void climb(Experiment& experiment, const Record* current, Random& random) {
  const auto batch = static_cast<std::size_t>(std::max(1, experiment.config().at_once));
  for (bool moved = true; moved;) {
    moved = false;
    const std::vector<Design> around = neighbours(experiment.space(), current->design, random);
    for (std::size_t begin = 0; begin < around.size() && !moved; begin += batch) {
      const std::size_t end = std::min(around.size(), begin + batch);
      for (const Record* next : evaluate_step(experiment, {around.begin() + begin, around.begin() + end})) {
        if (!better(experiment.objective(), *next, *current)) continue;
        current = next;
        moved = true;
      }
    }
  }
}

}  // namespace

void random_search(Experiment& experiment) {
  constexpr int batch = 16;
  Random random = stream(experiment);
  evaluate_step(experiment, {experiment.space().prototype()});
  for (;;) {
    const std::vector<Design> designs = fresh_designs(experiment, batch, random);
    if (designs.empty()) return;
    evaluate_step(experiment, designs);
  }
}

void local_search(Experiment& experiment) {
  Random random = stream(experiment);
  const Record* start = evaluate_step(experiment, {experiment.space().prototype()}).front();
  for (int stalled = 0; stalled < 1000;) {
    const std::size_t before = evaluated(experiment);
    climb(experiment, start, random);
    const Design restart = random_design(experiment.space(), random);
    if (restart.empty()) return;
    start = evaluate_step(experiment, {restart}).front();
    stalled = evaluated(experiment) > before ? 0 : stalled + 1;
  }
}

void regularized_evolution(Experiment& experiment, const EvolutionSettings& settings) {
  Random random = stream(experiment);
  std::vector<Design> first = fresh_designs(experiment, settings.population - 1, random);
  first.insert(first.begin(), experiment.space().prototype());
  const std::vector<const Record*> founders = evaluate_step(experiment, first);
  std::deque<const Record*> population(founders.begin(), founders.end());  // oldest first
  const auto parent = [&] {
    const Record* best = nullptr;
    for (int i = 0; i < settings.sample; ++i) {
      const Record* drawn = population[random.below(static_cast<int>(population.size()))];
      if (best == nullptr || better(experiment.objective(), *drawn, *best)) best = drawn;
    }
    return best;
  };
  const int batch = std::max(1, experiment.config().at_once);
  for (int stalled = 0; stalled < stalled_proposals;) {
    const std::size_t before = evaluated(experiment);
    std::vector<Design> children;
    for (int i = 0; i < batch; ++i) children.push_back(mutated(experiment.space(), parent()->design, random));
    for (const Record* child : evaluate_step(experiment, children)) {
      population.push_back(child);
      population.pop_front();
    }
    stalled = evaluated(experiment) > before ? 0 : stalled + batch;
  }
}

}  // namespace synth::engine
