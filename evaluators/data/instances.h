// Images with boxes and masks of the objects in them; free of LibTorch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/data/masks.h"

namespace evaluators::detection {

struct Instance {
  int category = 0;    // index into class_names
  Box box;             // within the image, with positive sides
  Mask mask;           // of the image's size, not empty
  double area = 0;     // in pixels, as annotated
  bool crowd = false;  // a region of many objects: not trained on, and see average_precision.h
};

struct InstanceImage {
  std::string name;     // file name, or number of a procedural image
  std::int64_t id = 0;  // COCO's, or a count from 1
  int height = 0, width = 0;
  std::vector<std::uint8_t> pixels;  // height x width x 3
  std::vector<Instance> instances;
};

using InstanceImages = std::vector<InstanceImage>;

// `validation` is for choices, `test` for the figures that are reported.
struct InstanceData {
  std::string name;
  std::vector<std::string> class_names;
  std::vector<std::int64_t> category_ids;  // COCO's, per class; a count from 1 where there are none
  InstanceImages train, validation, test;
  bool flip = true;                    // whether a mirrored image is as good as any
  std::vector<float> mean, deviation;  // per channel, of the training images, in units of [0, 1]
  std::vector<std::string> notes;      // what was chosen, left out or cut in reading, a line each

  int classes() const { return static_cast<int>(class_names.size()); }
};

// Loads "shapes-detection", "instances:DIR" or "coco:DIR". With size=N images are scaled so that the longer side is N;
// limit=N leaves so many training images, classes=N the objects of the first N classes. InputError for other kinds and
// options that do not fit; EnvironmentError for missing or corrupt files, naming file and entry.
InstanceData load_instances(const DataSpec& spec, std::uint64_t seed);

// An image without objects. EnvironmentError naming a file that is missing, damaged or of a format that is not read.
InstanceImage read_instance_image(const std::string& path);
// The same image with its longer side `size` pixels long.
InstanceImage scaled(InstanceImage image, int size);

}  // namespace evaluators::detection
