// What the loaders of images with objects share; internal to evaluators/data.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "evaluators/data/instances.h"

namespace evaluators::detection {

// Counts of what was skipped or changed, by reason; a line each in the notes. For many threads.
class Tally {
 public:
  void add(const std::string& reason, int count = 1);
  std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

InstanceData load_shapes_detection(const DataSpec& spec, std::uint64_t seed);
InstanceData load_instance_folder(const DataSpec& spec, std::uint64_t seed);
InstanceData load_coco(const DataSpec& spec, std::uint64_t seed);

// Which of `count` training images spec.limit leaves, ascending, drawn from `seed`.
std::vector<int> limited_images(int count, const DataSpec& spec, std::uint64_t seed);

// Scales image and objects so that the longer side is `size`; objects without a pixel left are counted.
void scale(InstanceImage& image, int size, Tally& tally);

// --- label_map.cpp

struct LabelMap {
  int height = 0, width = 0;
  std::vector<std::uint16_t> labels;  // row by row, 0 = background
};
// A grey or palette PNG of up to 16 bits, as stored. EnvironmentError naming the file.
LabelMap read_label_map(const std::string& path);
// An instance of category 0 per label, in the order of labels.
std::vector<Instance> instances_of(const LabelMap& map);

// --- coco_annotations.cpp

struct CocoImage {
  std::int64_t id = 0;
  std::string file;
  int height = 0, width = 0;             // 0 = not said
  std::vector<std::size_t> annotations;  // indices into the document's
};

// A document of COCO's object annotations, checked but for the masks, which need the image's size.
class CocoDocument {
 public:
  explicit CocoDocument(const std::filesystem::path& path);
  ~CocoDocument();
  CocoDocument(CocoDocument&&) noexcept;

  const std::vector<CocoImage>& images() const;
  const std::map<std::int64_t, std::string>& categories() const;
  // Objects of an image of that size. Degenerate ones are counted in `tally`; EnvironmentError naming the annotation.
  std::vector<Instance> instances(const CocoImage& image, int height, int width, Tally& tally) const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace evaluators::detection
