// Training a detector.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "evaluators/data/instances.h"
#include "evaluators/detection/detector.h"
#include "evaluators/detection/measuring.h"
#include "evaluators/evaluation.h"

namespace evaluators::detection {

struct DetectorTraining {
  double epochs = 0;   // passes over the training images; 0 = as many as `seconds` allow
  double seconds = 0;  // of wall-clock time, after which the last step ends; 0 = no limit
  int batch_size = 8;
  double learning_rate = 0.02;  // peak, for batch_size 8; SGD with Nesterov momentum, cosine schedule
  double warmup = 0.1;          // fraction of the steps with linear warm-up
  double momentum = 0.9;
  double weight_decay = 1e-4;
  double largest_gradient = 10;  // norm over all parameters; longer ones are shortened
  double averaging = 0.998;      // of the weights over steps (averaging.h): the average is what is kept
  bool validate = true;          // measure the average now and then on validation images, and keep the best
};

struct DetectorProgress {
  double epoch = 0, loss = 0;  // loss: smoothed sum of all five
  double done = 0;             // of the training, in [0, 1]
  double images_per_second = 0;
  double mask_ap = -1;  // of the best average so far on validation images; -1 = not measured
};

struct DetectorResult {
  Outcome outcome = Outcome::trained;  // or diverged
  std::string message;
  double images_per_second = 0, epochs = 0, seconds = 0;
  bool stopped = false;  // before its time; what was best so far is kept
};

// Settings for images as those of the data (the largest side decides) and their classes; anchors by the sizes of the
// objects; widths and numbers for small images where the longer side is at most 320.
DetectorSettings settings_for(const InstanceData& data);

// Order, mirroring and samples are drawn from `seed`; without a limit of time the result is the same every time. When
// *stop becomes true what was best so far is kept; Stopped is thrown where that is nothing. EnvironmentError where no
// training image has an object.
DetectorResult train_detector(Detector& detector, const InstanceData& data, const DetectorTraining& training,
                              std::uint64_t seed, const std::function<void(const DetectorProgress&)>& progress = {},
                              const std::atomic<bool>* stop = nullptr);

}  // namespace evaluators::detection
