// Normalising, padding and mirroring, of pixels and objects alike.
#include "evaluators/detection/batches.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "search_space/errors.h"

namespace evaluators::detection {

using torch::Tensor;

namespace {

void place_pixels(const InstanceImage& image, const Normalisation& normalisation, bool flip, int width, float* out) {
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const int from = flip ? image.width - 1 - x : x;
      const std::uint8_t* pixel = image.pixels.data() + (std::size_t(y) * image.width + from) * 3;
      float* target = out + (std::size_t(y) * width + x) * 3;
      for (int c = 0; c < 3; ++c)
        target[c] = (static_cast<float>(pixel[c]) / 255 - normalisation.mean[c]) / normalisation.deviation[c];
    }
}

Tensor mask_tensor(const Mask& mask, bool flip, int height, int width) {
  const std::vector<std::uint8_t> pixels = decode_mask(mask);
  Tensor result = at::zeros({height, width});
  float* out = result.data_ptr<float>();
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      out[std::size_t(y) * width + x] = pixels[std::size_t(y) * mask.width + (flip ? mask.width - 1 - x : x)];
  return result;
}

Target target_of(const InstanceImage& image, bool flip, int height, int width, search_space::Random& random) {
  constexpr std::size_t most_objects = 1000;
  std::vector<const Instance*> objects;
  for (const Instance& one : image.instances)
    if (!one.crowd) objects.push_back(&one);
  if (objects.size() > most_objects) {
    random.shuffle(objects);
    objects.resize(most_objects);
  }
  std::vector<float> boxes;
  std::vector<std::int64_t> labels;
  for (const Instance* one : objects) {
    const Box& box = one->box;
    const double left = flip ? image.width - box.x2 : box.x1, right = flip ? image.width - box.x1 : box.x2;
    for (const double value : {left, box.y1, right, box.y2}) boxes.push_back(static_cast<float>(value));
    labels.push_back(one->category + 1);
  }
  const auto masks = [=](const Tensor& chosen) {
    std::vector<Tensor> result;
    for (std::int64_t i = 0; i < chosen.size(0); ++i)
      result.push_back(mask_tensor(objects[chosen[i].item<std::int64_t>()]->mask, flip, height, width));
    return result.empty() ? at::zeros({0, height, width}) : at::stack(result);
  };
  return {at::tensor(boxes).view({-1, 4}), at::tensor(labels, torch::kInt64), masks};
}

}  // namespace

Batch batch_of(const std::vector<const InstanceImage*>& images, const Normalisation& normalisation, int height,
               int width) {
  search_space::Random unused(0);
  Batch batch = training_batch(images, normalisation, height, width, std::vector<bool>(images.size(), false), unused);
  batch.targets.clear();
  return batch;
}

Batch training_batch(const std::vector<const InstanceImage*>& images, const Normalisation& normalisation, int height,
                     int width, const std::vector<bool>& flips, search_space::Random& random) {
  Batch batch;
  const auto count = static_cast<std::int64_t>(images.size());
  const Tensor pixels = at::zeros({count, height, width, 3});
  for (std::size_t i = 0; i < images.size(); ++i) {
    const InstanceImage& image = *images[i];
    if (image.height > height || image.width > width)
      throw search_space::InputError("image '" + search_space::printable(image.name) + "' is " +
                                     std::to_string(image.width) + "x" + std::to_string(image.height) +
                                     ", larger than what the detector is for: " + std::to_string(width) + "x" +
                                     std::to_string(height));
    place_pixels(image, normalisation, flips[i], width, pixels.data_ptr<float>() + i * std::size_t(height) * width * 3);
    batch.extents.push_back({image.height, image.width});
    batch.targets.push_back(target_of(image, flips[i], height, width, random));
  }
  batch.images = pixels.permute({0, 3, 1, 2});
  return batch;
}

}  // namespace evaluators::detection
