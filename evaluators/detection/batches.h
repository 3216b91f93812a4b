// Images with objects as tensors.
#pragma once

#include <torch/types.h>

#include <vector>

#include "evaluators/data/instances.h"
#include "evaluators/detection/heads.h"
#include "evaluators/detection/proposals.h"
#include "search_space/random.h"

namespace evaluators::detection {

// How bytes become values: (byte / 255 - mean) / deviation, per channel.
struct Normalisation {
  std::vector<float> mean, deviation;
};

struct Batch {
  torch::Tensor images;  // [N, 3, height, width], channels-last; smaller images fill the upper left corner
  std::vector<ImageExtent> extents;
  std::vector<Target> targets;
};

// InputError for an image larger than height x width.
Batch batch_of(const std::vector<const InstanceImage*>& images, const Normalisation& normalisation, int height,
               int width);
// The same to train on: each image mirrored or not, as `flips` says; without crowd regions, and with at most 1000
// objects of an image, drawn anew each time.
Batch training_batch(const std::vector<const InstanceImage*>& images, const Normalisation& normalisation, int height,
                     int width, const std::vector<bool>& flips, search_space::Random& random);

}  // namespace evaluators::detection
