// Loads images with objects: the kind's own loader, then splits, statistics and notes.
#include "evaluators/data/image_codec.h"
#include "evaluators/data/instance_loading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "evaluators/data/loading.h"
#include "search_space/errors.h"
#include "search_space/random.h"

namespace evaluators::detection {

using search_space::EnvironmentError;
using search_space::InputError;

namespace {

InstanceData load_kind(const DataSpec& spec, std::uint64_t seed) try {
  if (spec.kind == "shapes-detection") return load_shapes_detection(spec, seed);
  if (spec.kind == "instances") return load_instance_folder(spec, seed);
  if (spec.kind == "coco") return load_coco(spec, seed);
  throw InputError("data '" + data_spec_text(spec) + "': has classes alone; objects with masks are in " +
                   "shapes-detection, instances:DIR and coco:DIR");
} catch (const std::filesystem::filesystem_error& error) {
  throw EnvironmentError("data '" + data_spec_text(spec) + "': " + error.what());
}

// A tenth of the training images, at least one.
void split_off_validation(InstanceData& data, std::uint64_t seed) {
  if (data.train.size() < 2)
    throw EnvironmentError("data '" + data.name + "': " + std::to_string(data.train.size()) +
                           " training images; at least 2 are needed to split off validation");
  search_space::Random random(search_space::stream_seed(seed, "data", "validation"));
  random.shuffle(data.train);
  const std::size_t count = std::max<std::size_t>(1, data.train.size() / 10);
  std::move(data.train.end() - static_cast<std::ptrdiff_t>(count), data.train.end(),
            std::back_inserter(data.validation));
  data.train.resize(data.train.size() - count);
}

void set_statistics(InstanceData& data) {
  std::array<std::uint64_t, 3> sum = {}, squares = {};
  std::uint64_t pixels = 0;
  for (const InstanceImage& image : data.train) {
    pixels += image.pixels.size() / 3;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const std::uint64_t value = image.pixels[i];
      sum[i % 3] += value;
      squares[i % 3] += value * value;
    }
  }
  const auto count = static_cast<double>(pixels);
  for (int c = 0; c < 3; ++c) {
    const double mean = static_cast<double>(sum[c]) / count;
    const double variance = std::max(1.0, static_cast<double>(squares[c]) / count - mean * mean);
    data.mean.push_back(static_cast<float>(mean / 255));
    data.deviation.push_back(static_cast<float>(std::sqrt(variance) / 255));
  }
}

void keep_classes(InstanceData& data, int classes) {
  if (classes > data.classes())
    throw InputError("data '" + data.name + "': option 'classes' is " + std::to_string(classes) +
                     ", but the data have " + std::to_string(data.classes()));
  if (classes == 0) return;
  data.class_names.resize(classes);
  data.category_ids.resize(classes);
  for (InstanceImages* part : {&data.train, &data.validation, &data.test})
    for (InstanceImage& image : *part)
      std::erase_if(image.instances, [&](const Instance& instance) { return instance.category >= classes; });
}

std::string describe(const char* part, const InstanceImages& images) {
  std::size_t objects = 0, empty = 0;
  for (const InstanceImage& image : images) {
    objects += image.instances.size();
    empty += image.instances.empty();
  }
  return std::string(part) + ": " + std::to_string(images.size()) + " images with " + std::to_string(objects) +
         " objects" + (empty > 0 ? " (" + std::to_string(empty) + " images without any)" : "");
}

}  // namespace

void Tally::add(const std::string& reason, int count) {
  const std::lock_guard lock(mutex_);
  counts_[reason] += count;
}

std::vector<std::string> Tally::lines() const {
  std::vector<std::string> lines;
  for (const auto& [reason, count] : counts_) lines.push_back(std::to_string(count) + " " + reason);
  return lines;
}

std::vector<int> limited_images(int count, const DataSpec& spec, std::uint64_t seed) {
  std::vector<int> indices(count);
  std::iota(indices.begin(), indices.end(), 0);
  if (spec.limit == 0 || spec.limit >= count) return indices;
  search_space::Random random(search_space::stream_seed(seed, "data", "limit"));
  random.shuffle(indices);
  indices.resize(spec.limit);
  std::sort(indices.begin(), indices.end());
  return indices;
}

void scale(InstanceImage& image, int size, Tally& tally) {
  const int longer = std::max(image.height, image.width);
  if (size == 0 || longer == size) return;
  const auto scaled = [&](int length) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(length) * size / longer)));
  };
  const int height = scaled(image.height), width = scaled(image.width);
  std::vector<std::uint8_t> pixels(std::size_t(height) * width * 3), mask(std::size_t(height) * width);
  resize(image.pixels.data(), 3, image.height, image.width, height, width, pixels.data());
  const double down = static_cast<double>(height) / image.height, across = static_cast<double>(width) / image.width;
  for (Instance& instance : image.instances) {
    const std::vector<std::uint8_t> before = decode_mask(instance.mask);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const auto row = static_cast<std::size_t>((y + 0.5) / down),
                   column = static_cast<std::size_t>((x + 0.5) / across);
        mask[std::size_t(y) * width + x] = before[row * image.width + column];
      }
    instance.mask = encode_mask(mask.data(), height, width);
    instance.box = {instance.box.x1 * across, instance.box.y1 * down, instance.box.x2 * across, instance.box.y2 * down};
    instance.area *= down * across;
  }
  const auto lost = std::erase_if(image.instances, [](const Instance& one) { return mask_area(one.mask) == 0; });
  if (lost > 0) tally.add("objects left out: scaled, they have no pixel", static_cast<int>(lost));
  image.pixels = std::move(pixels);
  image.height = height;
  image.width = width;
}

InstanceImage read_instance_image(const std::string& path) {
  require_regular_file(path);
  DecodedImage decoded = read_image(path, 0);
  return {
      std::filesystem::path(path).filename().string(), 1, decoded.height, decoded.width, std::move(decoded.pixels), {}};
}

InstanceImage scaled(InstanceImage image, int size) {
  Tally unused;
  scale(image, size, unused);
  return image;
}

InstanceData load_instances(const DataSpec& spec, std::uint64_t seed) {
  if (spec.shift)
    throw InputError("data '" + data_spec_text(spec) + "': option 'shift' is for classes; objects are not shifted");
  InstanceData data = load_kind(spec, seed);
  data.name = data_spec_text(spec);
  if (spec.flip) data.flip = *spec.flip;
  if (data.validation.empty()) split_off_validation(data, seed);
  keep_classes(data, spec.classes);
  set_statistics(data);
  data.notes.push_back(describe("training", data.train));
  data.notes.push_back(describe("validation", data.validation));
  data.notes.push_back(describe("test", data.test));
  return data;
}

}  // namespace evaluators::detection
