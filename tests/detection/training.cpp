// A small detector learns a few images by heart, the same every time.
#include "evaluators/detection/training.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "evaluators/evaluator.h"
#include "evaluators/trained_evaluator.h"
#include "search_space/errors.h"

using namespace evaluators::detection;
using torch::Tensor;

namespace {

// One intra-op thread, as the program has it: sums are then the same everywhere.
const bool tuned = (evaluators::tune_process(), true);

search_space::Architecture backbone() {
  search_space::Architecture design{{3, 96, 96}, 5, {}, {}, {}};
  design.stem = {{"conv", 16, 3, 2, "relu"}, {"conv", 16, 3, 2, "relu"}};
  for (int i = 0; i < 4; ++i) {
    search_space::Slot slot;
    slot.stage = i;
    slot.stride = i == 0 ? 1 : 2;
    slot.width = 24 + 8 * i;
    slot.module = {"conv", {{"kernel", 3}}};
    design.slots.push_back(slot);
  }
  return design;
}

InstanceData few_images() {
  InstanceData data = load_instances(evaluators::parse_data_spec("shapes-detection,limit=6,flip=0"), 1);
  data.test = data.train;
  return data;
}

Detector detector_for(const InstanceData& data) {
  DetectorSettings settings = settings_for(data);
  settings.task.pyramid_width = 32;
  settings.task.box_width = 64;
  settings.task.mask_width = 16;
  return Detector(backbone(), settings, 1);
}

}  // namespace

TEST_CASE("a batch mirrors pixels, boxes and masks alike", "[detection][training]") {
  const InstanceData data = few_images();
  const InstanceImage& image = data.train[0];
  search_space::Random random(1);
  const auto batch = [&](bool flip) {
    return training_batch({&image}, normalisation_of(data), 128, 96, {flip}, random);
  };
  const Batch plain = batch(false), mirrored = batch(true);
  CHECK(at::equal(mirrored.images, plain.images.flip({3})));
  CHECK(plain.images.slice(2, 96).abs().max().item<float>() == 0);  // the margin below
  const Tensor all = at::arange(plain.targets[0].labels.size(0), torch::kInt64);
  CHECK(at::equal(mirrored.targets[0].masks(all), plain.targets[0].masks(all).flip({2})));
  CHECK(at::equal(mirrored.targets[0].boxes.select(1, 0), 96 - plain.targets[0].boxes.select(1, 2)));
  // A box is where its mask is.
  const Tensor mask = mirrored.targets[0].masks(all)[0], box = mirrored.targets[0].boxes[0];
  CHECK(mask.sum(0).nonzero()[0].item<float>() == box[0].item<float>());
  CHECK(mask.sum(1).nonzero()[0].item<float>() == box[1].item<float>());
  CHECK_THROWS_AS(batch_of({&image}, normalisation_of(data), 64, 64), search_space::InputError);
}

TEST_CASE("a detector learns images by heart", "[detection][training]") {
  const InstanceData data = few_images();
  Detector detector = detector_for(data);
  const DetectorScores before = measure_detector(detector, all_of(data.test), normalisation_of(data));
  DetectorTraining training{.epochs = 120, .batch_size = 5, .learning_rate = 0.02, .validate = false};
  std::vector<double> losses;
  const auto result = train_detector(detector, data, training, 1,
                                     [&](const DetectorProgress& progress) { losses.push_back(progress.loss); });
  CHECK(result.outcome == evaluators::Outcome::trained);
  CHECK(losses.size() == 120);
  CHECK(losses.back() < losses.front() / 2);
  const DetectorScores after = measure_detector(detector, all_of(data.test), normalisation_of(data));
  INFO("box AP50 " << before.boxes.ap50 << " -> " << after.boxes.ap50 << ", mask AP50 " << after.masks.ap50 << ", loss "
                   << losses.front() << " -> " << losses.back());
  CHECK(before.boxes.ap50 < 0.1);
  CHECK(after.boxes.ap50 > 0.8);
  CHECK(after.masks.ap50 > 0.7);
}

TEST_CASE("training is the same every time, and stops when it is told to", "[detection][training]") {
  const InstanceData data = few_images();
  const auto trained = [&](std::uint64_t seed) {
    Detector detector = detector_for(data);
    train_detector(detector, data, {.epochs = 2, .batch_size = 3}, seed);
    return detector.named_tensors();
  };
  const auto first = trained(1), again = trained(1), other = trained(2);
  bool differs = false;
  for (const auto& [name, tensor] : first) {
    INFO(name);
    CHECK(at::equal(tensor, again.at(name)));
    differs = differs || !at::equal(tensor, other.at(name));
  }
  CHECK(differs);
  Detector detector = detector_for(data);
  const std::atomic<bool> stop = true;
  CHECK_THROWS_AS(train_detector(detector, data, {}, 1, {}, &stop), evaluators::Stopped);
}

TEST_CASE("data without objects are refused, a loss that explodes is an outcome", "[detection][training]") {
  InstanceData data = few_images();
  Detector detector = detector_for(data);
  const auto result =
      train_detector(detector, data, {.epochs = 40, .learning_rate = 1e12, .largest_gradient = 1e30}, 1);
  CHECK(result.outcome == evaluators::Outcome::diverged);
  CHECK_THAT(result.message, Catch::Contains("not finite"));
  for (InstanceImage& image : data.train) image.instances.clear();
  CHECK_THROWS_WITH(train_detector(detector, data, {}, 1), Catch::Contains("none of the 5 training images"));
}
