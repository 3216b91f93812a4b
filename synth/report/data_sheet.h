// The data of a run as the page shows it: counts, example images, and images that family members confuse.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "evaluators/data/dataset.h"
#include "synth/report/run_view.h"

namespace synth::report {

// {"classes": [names], "input": [channels, height, width], "splits": {name: [images per class]}, "shown": images of a
// strip, "examples": [strip per class], "confused": {member: [strip per pair, as confusion_json lists them]}, "notes"}.
// A strip is a PNG as a data URI: training images as they enter the network, before normalisation, at most 64 pixels
// high. Bounded: 200 classes, 8 members.
nlohmann::ordered_json data_sheet(const evaluators::DataSet& data, const RunView& view);

}  // namespace synth::report
