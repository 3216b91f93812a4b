// A trained detector as one safetensors file: tensors by name, and in the header's metadata what they are a detector
// of.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evaluators/data/instances.h"
#include "evaluators/detection/batches.h"
#include "evaluators/detection/detector.h"

namespace evaluators::detection {

struct DetectorDescription {
  search_space::Architecture backbone;
  DetectorSettings settings;  // of the images trained on; the task is mask-rcnn, with a feature pyramid
  std::vector<std::string> class_names;
  std::vector<std::int64_t> category_ids;  // per class, for results in COCO's form
  Normalisation normalisation;
  int image_size = 0;     // longer side that images are scaled to; 0 = they are taken as they are
  std::string data;       // specification of what it was trained on,
  std::int64_t seed = 0;  // and of how that was split
};

std::string detector_to_safetensors(const Detector& detector, const DetectorDescription& description);

// Whether the file's metadata say that it is a detector. InputError where it is no safetensors file.
bool holds_detector(const std::string& blob, const std::string& source);

class StoredDetector {
 public:
  // InputError naming `source` and what is wrong: the header's JSON, or a tensor that is missing, left over, of another
  // shape or not finite.
  StoredDetector(const std::string& blob, const std::string& source);

  const DetectorDescription& description() const { return description_; }
  // For images up to that size, which is rounded up to whole cells of the coarsest map.
  Detector for_images(int height, int width) const;

 private:
  DetectorDescription description_;
  std::map<std::string, torch::Tensor> tensors_;
};

}  // namespace evaluators::detection
