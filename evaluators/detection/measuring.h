// What a detector finds on images, and what that is worth.
#pragma once

#include <vector>

#include "evaluators/data/instances.h"
#include "evaluators/detection/average_precision.h"
#include "evaluators/detection/batches.h"
#include "evaluators/detection/detector.h"

namespace evaluators::detection {

using ChosenImages = std::vector<const InstanceImage*>;
ChosenImages all_of(const InstanceImages& images);

Normalisation normalisation_of(const InstanceData& data);

// An image that detections are put into: its size in pixels, and by how much it is larger than what was looked at.
struct Placement {
  int height = 0, width = 0;
  double down = 1, across = 1;
};
// Masks of the image's size; categories from 0 on.
std::vector<Detection> placed(const Detections& found, int image, const Placement& place);

// Of each image, in its own pixels.
std::vector<std::vector<Detection>> detect_all(Detector& detector, const ChosenImages& images,
                                               const Normalisation& normalisation);

struct DetectorScores {
  AveragePrecision boxes, masks;
  int images = 0, objects = 0, detections = 0;
};
DetectorScores measure_detector(Detector& detector, const ChosenImages& images, const Normalisation& normalisation);

}  // namespace evaluators::detection
