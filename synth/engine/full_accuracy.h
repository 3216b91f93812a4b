// What networks of a run would reach in full training, inferred from the short trainings that its search gave them.
#pragma once

#include <vector>

#include "results_db/records.h"
#include "search_space/design_space.h"
#include "synth/engine/training_age.h"

namespace synth::engine {

// Expected accuracy of each record, in [0, 1], had all its weights been trained for `full_epochs`. Networks of a search
// have inherited more or less training, so that their measured accuracies do not rank them; a Gaussian process as the
// inquisitor's, on decisions, costs and training age, takes that apart. `records`: of one run, by id; those that were
// not trained get 0, as all do where nothing is trained.
std::vector<double> expected_full_accuracies(const search_space::DesignSpace& space,
                                             const std::vector<results_db::Record>& records, TrainingEpochs epochs,
                                             double full_epochs);

}  // namespace synth::engine
