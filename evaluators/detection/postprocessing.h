// From the heads' outputs to detections.
#pragma once

#include <torch/types.h>

#include "evaluators/detection/proposals.h"

namespace evaluators::detection {

struct DetectionSettings {
  double least_score = 0.05;
  double overlap = 0.5;  // of detections of one class
  int most = 100;        // per image
};

// Of one image, by falling score.
struct Detections {
  torch::Tensor boxes;   // [D, 4]
  torch::Tensor scores;  // [D]
  torch::Tensor labels;  // [D] int64, from 1 on
  torch::Tensor masks;   // [D, M, M] in [0, 1], each of its box; undefined before the mask head
};

// logits: [R, K], deltas: [R, 4 K], proposals: [R, 4], all of one image.
Detections detected(const torch::Tensor& logits, const torch::Tensor& deltas, const torch::Tensor& proposals,
                    const ImageExtent& image, const DetectionSettings& settings);

}  // namespace evaluators::detection
