// The task mask-rcnn of train and evaluate: objects with masks instead of classes of images.
#pragma once

#include <string>

#include "evaluators/detection/detector_file.h"
#include "synth/cli/common_options.h"
#include "synth/cli/training_options.h"

namespace synth::cli {

struct DetectorOptions {
  std::string task = "classification";
  std::string time;  // empty = the default, where --epochs sets no end either
  // 0 = by the data (evaluators/detection/training.h)
  int pyramid_width = 0, box_width = 0, mask_width = 0, mask_layers = 0, proposals = 0;
  double anchor_scale = 0;
};

// --task, --time and the widths of the parts.
void declare_detector_options(CommandLine& line, DetectorOptions& options);

// Whether the task is mask-rcnn. InputError for another task and for options that belong to the one not chosen.
bool trains_detector(const CommandLine& line, const DetectorOptions& options);

// Each returns an Exit. `training`: data, seed, epochs, batch size, rate.
int train_detector(const CommandLine& line, const std::string& network, const TrainingOptions& training,
                   const DetectorOptions& options, const std::string& out, bool overwrite);
int evaluate_detector(const CommandLine& line, const std::string& file, const TrainingOptions& training,
                      const std::string& split);

// Whether NETWORK is a file of weights, and not an architecture or a run.
bool names_weights(const std::string& network);
evaluators::detection::StoredDetector read_detector(const std::string& file);

}  // namespace synth::cli
