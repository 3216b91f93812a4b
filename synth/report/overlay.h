// Detections drawn over their image.
#pragma once

#include <string>
#include <vector>

#include "evaluators/data/instances.h"
#include "evaluators/detection/average_precision.h"

namespace synth::report {

// A PNG file: small images enlarged by a whole factor, so that lines and letters can be told apart; each detection in a
// colour of its own: mask, box, and class with score in percent (the score alone where there is one class). Those of
// higher scores lie over the others.
std::string overlay_png(const evaluators::detection::InstanceImage& image,
                        const std::vector<evaluators::detection::Detection>& detections,
                        const std::vector<std::string>& class_names);

}  // namespace synth::report
