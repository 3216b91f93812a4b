// The search algorithms that generative synthesis is measured against. Each takes the prototype as a member of its
// first population, sees records only through the Experiment (so duplicates cost nothing), and runs until the budget
// ends (BudgetExhausted) or it can propose nothing new.
//
// Batches have a fixed size whatever the number of jobs, so that results never depend on jobs.
#pragma once

#include "synth/engine/experiment.h"

namespace synth::engine {

// Distinct designs, every active decision drawn uniformly.
void random_search(Experiment& experiment);

// Hill climbing over one-decision neighbours in random order; the first better one is taken; a random restart follows
// where none is better (White et al., "Local search is state of the art for NAS benchmarks", 2020).
void local_search(Experiment& experiment);

// Tournament selection, mutation of one decision, death of the oldest (Real et al., "Regularized evolution for image
// classifier architecture search", 2019).
struct EvolutionSettings {
  int population = 20;
  int sample = 5;  // drawn with replacement per child; the best becomes its parent
};
void regularized_evolution(Experiment& experiment, const EvolutionSettings& settings);

// NSGA-II of pagmo2 (Deb et al., 2002), population 40, one generation at a time.
void nsga2(Experiment& experiment);

}  // namespace synth::engine
