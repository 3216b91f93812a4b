// What the model of accuracy believes along each decision, for the page.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "synth/engine/training_age.h"
#include "synth/report/run_view.h"

namespace synth::report {

// {"around", "epochs", "decisions": per decision and value [accuracy, low, high, U, low, high, parameters,
// multiply-adds], null where the space has no such network}: expected after `full_epochs` of training, all other
// decisions as in the best network (the prototype while there is none); low and high are one standard deviation off.
// Null where nothing was trained.
nlohmann::ordered_json page_belief(const RunView& view, engine::TrainingEpochs epochs, double full_epochs);

}  // namespace synth::report
