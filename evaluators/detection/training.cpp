// Stochastic gradient descent on the five losses; detections against objects.
#include "evaluators/detection/training.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "evaluators/detection/pasting.h"
#include "evaluators/evaluator.h"
#include "evaluators/optimiser.h"
#include "search_space/errors.h"

namespace evaluators::detection {

using torch::Tensor;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Training images in a new order on every pass.
class Order {
 public:
  Order(const InstanceImages& images, search_space::Random& random) : images_(images), random_(random) {}
  std::vector<const InstanceImage*> next(int count) {
    std::vector<const InstanceImage*> result;
    while (static_cast<int>(result.size()) < count) {
      if (left_.empty()) {
        for (const InstanceImage& image : images_) left_.push_back(&image);
        random_.shuffle(left_);
      }
      result.push_back(left_.back());
      left_.pop_back();
    }
    return result;
  }

 private:
  const InstanceImages& images_;
  search_space::Random& random_;
  std::vector<const InstanceImage*> left_;
};

void shorten_gradients(const std::vector<Tensor>& parameters, double largest) {
  at::NoGradGuard no_grad;
  double squares = 0;
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined()) squares += parameter.grad().square().sum().item<double>();
  const double norm = std::sqrt(squares);
  if (!(norm > largest)) return;
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined()) parameter.grad().mul_(largest / norm);
}

void require_objects(const InstanceData& data) {
  for (const InstanceImage& image : data.train)
    if (!image.instances.empty()) return;
  throw search_space::EnvironmentError("data '" + data.name + "': none of the " + std::to_string(data.train.size()) +
                                       " training images has an object");
}

}  // namespace

DetectorSettings settings_for(const InstanceData& data) {
  constexpr int coarsest_stride = 32, small_side = 320;
  int height = search_space::MaskRcnn::smallest_side, width = height;
  for (const InstanceImages* part : {&data.train, &data.validation, &data.test})
    for (const InstanceImage& image : *part) {
      height = std::max(height, image.height);
      width = std::max(width, image.width);
    }
  const auto rounded = [](int side) { return (side + coarsest_stride - 1) / coarsest_stride * coarsest_stride; };
  DetectorSettings settings;
  settings.task.height = rounded(height);
  settings.task.width = rounded(width);
  settings.task.classes = data.classes() + 1;
  if (std::max(height, width) > small_side) return settings;
  settings.task.pyramid_width = 64;
  settings.task.box_width = 128;
  settings.task.mask_width = 48;
  settings.task.mask_layers = 2;
  settings.anchor_scale = 4;
  settings.training_proposals = 200;
  settings.proposals.before_suppression = settings.proposals.after_suppression = 200;
  settings.proposals.sampler.size = 128;
  settings.sampler.size = 64;
  return settings;
}

Normalisation normalisation_of(const InstanceData& data) {
  return {data.mean, data.deviation};
}

DetectorResult train_detector(Detector& detector, const InstanceData& data, const DetectorTraining& training,
                              std::uint64_t seed, const std::function<void(const DetectorProgress&)>& progress,
                              const std::atomic<bool>* stop) {
  require_objects(data);
  search_space::Random random(seed);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto permutation = [&](std::int64_t count) { return at::randperm(count, generator, torch::kInt64); };
  const auto& task = detector.settings().task;
  const auto images = static_cast<double>(data.train.size());
  const int batch_size = std::min<int>(training.batch_size, static_cast<int>(data.train.size()));
  const int steps = static_cast<int>(std::clamp(std::round(training.epochs * images / batch_size), 1.0, 1e9));
  const double peak = training.learning_rate * batch_size / 8;
  Optimiser optimiser(detector.parameters(), training.momentum, training.weight_decay);
  Order order(data.train, random);
  DetectorResult result;
  double loss = 0;
  const auto start = Clock::now();
  for (int step = 0; step < steps; ++step) {
    if (stop && stop->load(std::memory_order_relaxed)) throw Stopped{};
    const std::vector<const InstanceImage*> chosen = order.next(batch_size);
    std::vector<bool> flips;
    for (int i = 0; i < batch_size; ++i) flips.push_back(data.flip && random.below(2) == 1);
    const Batch batch = training_batch(chosen, normalisation_of(data), task.height, task.width, flips, random);
    const Tensor sum = detector.losses(batch.images, batch.extents, batch.targets, permutation).total();
    const auto value = sum.item<double>();
    const double epoch = (step + 1.0) * batch_size / images;
    if (!std::isfinite(value)) {
      result.outcome = Outcome::diverged;
      result.message = fmt::format("the loss is not finite after {:.2f} epochs", epoch);
      return result;
    }
    sum.backward();
    shorten_gradients(detector.parameters(), training.largest_gradient);
    optimiser.step(peak * rate_at(step, steps, training.warmup));
    const double keep = std::min(0.95, step / (step + 1.0));
    loss = keep * loss + (1 - keep) * value;
    result.images_per_second = (step + 1.0) * batch_size / seconds_since(start);
    if (progress) progress({epoch, training.epochs, loss, result.images_per_second});
  }
  return result;
}

std::vector<std::vector<Detection>> detect_all(Detector& detector, const InstanceImages& images,
                                               const Normalisation& normalisation) {
  constexpr std::size_t batch_size = 8;
  const auto& task = detector.settings().task;
  std::vector<std::vector<Detection>> result(images.size());
  for (std::size_t first = 0; first < images.size(); first += batch_size) {
    std::vector<const InstanceImage*> chosen;
    for (std::size_t i = first; i < std::min(images.size(), first + batch_size); ++i) chosen.push_back(&images[i]);
    const Batch batch = batch_of(chosen, normalisation, task.height, task.width);
    const std::vector<Detections> found = detector.detect(batch.images, batch.extents);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Detections& one = found[i];
      const Tensor boxes = one.boxes.contiguous();
      for (std::int64_t d = 0; d < one.labels.size(0); ++d) {
        const float* box = boxes.data_ptr<float>() + 4 * d;
        const Tensor inside =
            (paste_mask(one.masks[d], one.boxes[d], chosen[i]->height, chosen[i]->width) >= 0.5).to(torch::kUInt8);
        result[first + i].push_back(
            {static_cast<int>(first + i),
             static_cast<int>(one.labels[d].item<std::int64_t>()) - 1,
             one.scores[d].item<double>(),
             {box[0], box[1], box[2], box[3]},
             encode_mask(inside.data_ptr<std::uint8_t>(), chosen[i]->height, chosen[i]->width)});
      }
    }
  }
  return result;
}

DetectorScores measure_detector(Detector& detector, const InstanceImages& images, const Normalisation& normalisation) {
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  for (std::size_t i = 0; i < images.size(); ++i)
    for (const Instance& one : images[i].instances)
      truths.push_back({static_cast<int>(i), one.category, one.box, one.mask, one.area, one.crowd});
  for (const auto& of_image : detect_all(detector, images, normalisation))
    detections.insert(detections.end(), of_image.begin(), of_image.end());
  return {average_precision(truths, detections, Overlap::boxes), average_precision(truths, detections, Overlap::masks),
          static_cast<int>(images.size()), static_cast<int>(truths.size()), static_cast<int>(detections.size())};
}

}  // namespace evaluators::detection
