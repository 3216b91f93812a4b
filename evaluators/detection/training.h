// Training a detector, and measuring it.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "evaluators/data/instances.h"
#include "evaluators/detection/average_precision.h"
#include "evaluators/detection/batches.h"
#include "evaluators/detection/detector.h"
#include "evaluators/evaluation.h"

namespace evaluators::detection {

struct DetectorTraining {
  double epochs = 12;
  int batch_size = 8;
  double learning_rate = 0.02;  // peak, for batch_size 8; SGD with Nesterov momentum, cosine schedule
  double warmup = 0.1;          // fraction of the steps with linear warm-up
  double momentum = 0.9;
  double weight_decay = 1e-4;
  double largest_gradient = 10;  // norm over all parameters; longer ones are shortened
};

struct DetectorProgress {
  double epoch = 0, epochs = 0, loss = 0;  // loss: smoothed sum of all five
  double images_per_second = 0;
};

struct DetectorResult {
  Outcome outcome = Outcome::trained;  // or diverged
  std::string message;
  double images_per_second = 0;
};

// Settings for images as those of the data (the largest side decides, in multiples of 32) and their classes; widths and
// numbers for small images where the longer side is at most 320.
DetectorSettings settings_for(const InstanceData& data);

Normalisation normalisation_of(const InstanceData& data);

// Order, mirroring and samples are drawn from `seed`. Throws Stopped when *stop becomes true. EnvironmentError where no
// training image has an object.
DetectorResult train_detector(Detector& detector, const InstanceData& data, const DetectorTraining& training,
                              std::uint64_t seed, const std::function<void(const DetectorProgress&)>& progress = {},
                              const std::atomic<bool>* stop = nullptr);

// Of each image, in its own pixels, masks of the image's size; categories from 0 on.
std::vector<std::vector<Detection>> detect_all(Detector& detector, const InstanceImages& images,
                                               const Normalisation& normalisation);

struct DetectorScores {
  AveragePrecision boxes, masks;
  int images = 0, objects = 0, detections = 0;
};
DetectorScores measure_detector(Detector& detector, const InstanceImages& images, const Normalisation& normalisation);

}  // namespace evaluators::detection
