// Detections against objects.
#include "evaluators/detection/measuring.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "evaluators/detection/pasting.h"

namespace evaluators::detection {

using torch::Tensor;

ChosenImages all_of(const InstanceImages& images) {
  ChosenImages all;
  for (const InstanceImage& image : images) all.push_back(&image);
  return all;
}

Normalisation normalisation_of(const InstanceData& data) {
  return {data.mean, data.deviation};
}

std::vector<Detection> placed(const Detections& found, int image, const Placement& place) {
  std::vector<Detection> result;
  const Tensor factors = at::tensor({place.across, place.down, place.across, place.down}, torch::kFloat32);
  const Tensor boxes = (found.boxes * factors).contiguous();
  for (std::int64_t d = 0; d < found.labels.size(0); ++d) {
    const float* box = boxes.data_ptr<float>() + 4 * d;
    const Tensor inside = (paste_mask(found.masks[d], boxes[d], place.height, place.width) >= 0.5).to(torch::kUInt8);
    result.push_back({image,
                      static_cast<int>(found.labels[d].item<std::int64_t>()) - 1,
                      found.scores[d].item<double>(),
                      {box[0], box[1], box[2], box[3]},
                      encode_mask(inside.data_ptr<std::uint8_t>(), place.height, place.width)});
  }
  return result;
}

std::vector<std::vector<Detection>> detect_all(Detector& detector, const ChosenImages& images,
                                               const Normalisation& normalisation) {
  constexpr std::size_t batch_size = 8;
  const auto& task = detector.settings().task;
  std::vector<std::vector<Detection>> result;
  for (std::size_t first = 0; first < images.size(); first += batch_size) {
    const std::size_t last = std::min(images.size(), first + batch_size);
    const ChosenImages chosen(images.begin() + static_cast<std::ptrdiff_t>(first),
                              images.begin() + static_cast<std::ptrdiff_t>(last));
    const Batch batch = batch_of(chosen, normalisation, task.height, task.width);
    for (const Detections& found : detector.detect(batch.images, batch.extents)) {
      const auto image = static_cast<int>(result.size());
      result.push_back(placed(found, image, {images[image]->height, images[image]->width}));
    }
  }
  return result;
}

DetectorScores measure_detector(Detector& detector, const ChosenImages& images, const Normalisation& normalisation) {
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  for (std::size_t i = 0; i < images.size(); ++i)
    for (const Instance& one : images[i]->instances)
      truths.push_back({static_cast<int>(i), one.category, one.box, one.mask, one.area, one.crowd});
  for (const auto& of_image : detect_all(detector, images, normalisation))
    detections.insert(detections.end(), of_image.begin(), of_image.end());
  return {average_precision(truths, detections, Overlap::boxes), average_precision(truths, detections, Overlap::masks),
          static_cast<int>(images.size()), static_cast<int>(truths.size()), static_cast<int>(detections.size())};
}

}  // namespace evaluators::detection
