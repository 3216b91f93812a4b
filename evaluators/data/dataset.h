// Image data sets in memory, as bytes; free of LibTorch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace evaluators {

// Images of one size as height x width x channels bytes, one after the other, with labels.
struct ImageSet {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;

  int size() const { return static_cast<int>(labels.size()); }
  std::size_t image_bytes() const { return std::size_t(channels) * height * width; }
  const std::uint8_t* image(int index) const { return pixels.data() + index * image_bytes(); }
};

// How training images may be varied without changing their class.
struct Augmentation {
  bool flip = false;  // horizontal
  int shift = 0;      // random crop after zero-padding by this many pixels
};

// The four splits (design: evaluation). A search sees train, validation and probe; test is for family members, at the
// end. Train, validation and probe are in seeded random order, so that any prefix is a fair sample.
struct DataSet {
  std::string name;
  std::vector<std::string> class_names;
  ImageSet train, validation, probe, test;
  Augmentation augmentation;
  std::vector<float> mean, deviation;  // per channel, of the training split, in units of [0, 1]
  std::vector<std::string> notes;      // what was chosen or left out in reading, a line each
  std::string fingerprint;             // content hash over all splits, class names and augmentation

  int classes() const { return static_cast<int>(class_names.size()); }
};

// "shapes" | "idx:DIR" | "cifar10:DIR" | "imagefolder:DIR", or with objects (instances.h) "shapes-detection" |
// "instances:DIR" | "coco:DIR", each with ",size=N" ",limit=N" ",classes=N" ",flip=0|1" ",shift=N";
// imagefolder also with ",skip_corrupt=0|1".
struct DataSpec {
  std::string kind;
  std::string directory;
  int size = 0;              // images resized (shorter side) and centre-cropped to size x size; 0 = as they are
  int limit = 0;             // at most this many training images (before splitting), evenly over classes; 0 = all
  int classes = 0;           // only the first classes; 0 = all
  std::optional<bool> flip;  // augmentation; absent = what fits the kind
  std::optional<int> shift;
  bool skip_corrupt = false;  // leave out image files that cannot be decoded, and name them
};

DataSpec parse_data_spec(const std::string& text);  // InputError
std::string data_spec_text(const DataSpec& spec);   // parses back to the same specification
// Loads and splits; the same seed gives the same split. EnvironmentError for missing or corrupt files (naming file and
// offset).
DataSet load_data(const DataSpec& spec, std::uint64_t seed);

struct DataKind {
  std::string name;         // "idx"
  std::string description;  // one line with the form of the argument
};
const std::vector<DataKind>& data_kinds();

}  // namespace evaluators
