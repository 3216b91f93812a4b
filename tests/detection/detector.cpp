// The whole model against torchvision's with the same weights, and its size against the counted one.
#include "evaluators/detection/detector.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <catch2/catch.hpp>

#include "evaluators/detection/pasting.h"
#include "prototypes/library.h"
#include "reference.h"
#include "search_space/errors.h"

using namespace evaluators::detection;
using reference::check_close;
using reference::Tensors;
using torch::Tensor;

namespace {

constexpr int side = 128;

// Strides 4 to 32, a convolution each.
search_space::Architecture backbone() {
  search_space::Architecture design{{3, side, side}, 4, {}, {}, {}};
  design.stem = {{"conv", 8, 3, 2, "relu"}, {"max_pool", 0, 3, 2, "none"}};
  for (int i = 0; i < 4; ++i) {
    search_space::Slot slot;
    slot.stage = i;
    slot.stride = i == 0 ? 1 : 2;
    slot.width = 8 + 4 * i;
    slot.module = {"conv", {{"kernel", 3}}};
    slot.shortcut = search_space::Shortcut::none;
    design.slots.push_back(slot);
  }
  return design;
}

DetectorSettings small_settings() {
  DetectorSettings settings;
  settings.task = {.height = side,
                   .width = side,
                   .classes = 4,
                   .pyramid_width = 16,
                   .box_width = 32,
                   .mask_width = 12,
                   .mask_layers = 2};
  settings.anchor_scale = 4;
  settings.training_proposals = 300;
  settings.proposals.before_suppression = settings.proposals.after_suppression = 300;
  settings.proposals.sampler.size = 64;
  settings.sampler.size = 48;
  settings.detections.least_score = 0.2;
  settings.detections.most = 12;
  return settings;
}

// Weights as after training, far from their start.
void settle(Detector& detector, at::Generator& generator) {
  at::NoGradGuard no_grad;
  for (auto& [name, tensor] : detector.named_tensors()) {
    if (name.ends_with("running_mean") || name.ends_with(".bias")) tensor.normal_(0, 0.3, generator);
    if (name.ends_with("running_var") || name.ends_with("bn.weight")) tensor.uniform_(0.5, 1.5, generator);
    if (name == "rpn.objectness.weight" || name == "box.classes.weight") tensor.normal_(0, 0.3, generator);
    if (name == "rpn.deltas.weight" || name == "box.deltas.weight") tensor.normal_(0, 0.05, generator);
    if (name == "mask.logits.weight") tensor.normal_(0, 0.5, generator);
  }
}

struct Scene {
  Tensor images;
  std::vector<ImageExtent> extents;
  std::vector<Target> targets;
};

std::function<Tensor(const Tensor&)> masks_of(const Tensor& all) {
  return [all](const Tensor& objects) { return all.index_select(0, objects); };
}

Scene random_scene(at::Generator& generator) {
  Scene scene;
  scene.images = at::empty({2, 3, side, side}).normal_(0, 1, generator);
  for (const std::int64_t objects : {3, 5}) {
    scene.extents.push_back({side, side});
    const Tensor corner = at::empty({objects, 2}).uniform_(0, 80, generator);
    const Tensor boxes = at::cat({corner, corner + at::empty({objects, 2}).uniform_(10, 48, generator)}, 1);
    scene.targets.push_back({boxes, at::empty({objects}, torch::kInt64).random_(1, 4, generator),
                             masks_of(at::empty({objects, side, side}).random_(0, 2, generator))});
  }
  return scene;
}

Tensors case_of(const Detector& detector, const Scene& scene) {
  Tensors in;
  for (const auto& [name, tensor] : detector.named_tensors()) in["detector.0.w." + name] = tensor.detach().clone();
  const DetectorSettings& s = detector.settings();
  in["detector.0.settings"] =
      at::tensor(std::vector<float>{side, static_cast<float>(s.anchor_scale), static_cast<float>(s.training_proposals),
                                    static_cast<float>(s.detections.most), static_cast<float>(s.detections.least_score),
                                    static_cast<float>(s.proposals.sampler.size), static_cast<float>(s.sampler.size)});
  in["detector.0.images"] = scene.images;
  for (std::size_t i = 0; i < scene.targets.size(); ++i) {
    in["detector.0.target_boxes" + std::to_string(i)] = scene.targets[i].boxes;
    in["detector.0.target_labels" + std::to_string(i)] = scene.targets[i].labels;
    in["detector.0.target_masks" + std::to_string(i)] =
        scene.targets[i].masks(at::arange(scene.targets[i].labels.size(0), torch::kInt64));
  }
  return in;
}

void check_detections(const Detections& found, const Tensors& expected, const std::string& image) {
  REQUIRE(found.labels.size(0) == expected.at("labels" + image).size(0));
  REQUIRE(found.labels.size(0) > 3);
  CHECK(at::equal(found.labels, expected.at("labels" + image)));
  check_close(found.boxes, expected.at("boxes" + image));
  check_close(found.scores, expected.at("scores" + image));
  std::vector<Tensor> pasted;
  for (std::int64_t i = 0; i < found.labels.size(0); ++i)
    pasted.push_back(paste_mask(found.masks[i], found.boxes[i], side, side));
  check_close(at::stack(pasted), expected.at("masks" + image));
}

std::int64_t trainable(const Detector& detector) {
  std::int64_t sum = 0;
  for (const Tensor& tensor : detector.parameters()) sum += tensor.numel();
  return sum;
}

}  // namespace

TEST_CASE("the whole model is torchvision's: detections, losses and gradients", "[detection][torchvision][detector]") {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
  Detector detector(backbone(), small_settings(), 1);
  settle(detector, generator);
  const Scene scene = random_scene(generator);
  const Tensors expected = reference::fields(reference::run_torchvision(case_of(detector, scene)), "detector", 0);
  const Tensor images = scene.images.contiguous(at::MemoryFormat::ChannelsLast);

  const std::vector<Detections> found = detector.detect(images, scene.extents);
  for (std::size_t i = 0; i < found.size(); ++i) check_detections(found[i], expected, std::to_string(i));

  const auto in_order = [](std::int64_t count) { return at::arange(count, torch::kInt64); };
  const DetectorLosses losses = detector.losses(images, scene.extents, scene.targets, in_order);
  check_close(losses.objectness.detach(), expected.at("loss_objectness"));
  check_close(losses.proposal_boxes.detach(), expected.at("loss_rpn_box_reg"));
  check_close(losses.classes.detach(), expected.at("loss_classifier"));
  check_close(losses.boxes.detach(), expected.at("loss_box_reg"));
  check_close(losses.masks.detach(), expected.at("loss_mask"));
  losses.total().backward();
  int compared = 0;
  for (const auto& [name, tensor] : detector.named_tensors()) {
    const auto gradient = expected.find("gradient." + name.substr(0, name.rfind('.')));
    if (!name.ends_with(".weight") || gradient == expected.end()) continue;
    INFO(name);
    check_close(tensor.grad(), gradient->second);
    ++compared;
  }
  CHECK(compared == 5 * 2 + 8 + 3 + 4 + 4);
}

TEST_CASE("the trained model has the counted parameters", "[detection][detector]") {
  const auto counted = [](const search_space::Architecture& design, const search_space::MaskRcnn& task) {
    return mask_rcnn_cost(design, task, search_space::Counting::published).total().parameters();
  };
  CHECK(trainable(Detector(backbone(), small_settings(), 1)) == counted(backbone(), small_settings().task));
  DetectorSettings settings = small_settings();
  settings.task = {.height = 96, .width = 64, .classes = 7, .pyramid_width = 24, .box_width = 40, .mask_width = 16};
  for (const std::string name : {"attonet_d", "mobilenet_v3_small", "shufflenet_v2,width=0.5"}) {
    INFO(name);
    const auto design = prototypes::load(name).design;
    CHECK(trainable(Detector(design, settings, 1)) == counted(design, settings.task));
  }
}

TEST_CASE("a network without the strides of a pyramid is refused", "[detection][detector]") {
  CHECK_THROWS_WITH(Detector(prototypes::load("residual9").design, small_settings(), 1),
                    Catch::Contains("4, 8, 16, 32"));
}

TEST_CASE("a detector learns from images without objects, too", "[detection][detector]") {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(5);
  Detector detector(backbone(), small_settings(), 2);
  Scene scene = random_scene(generator);
  for (Target& target : scene.targets)
    target = {at::zeros({0, 4}), at::zeros({0}, torch::kInt64), masks_of(at::zeros({0, side, side}))};
  const auto in_order = [](std::int64_t count) { return at::arange(count, torch::kInt64); };
  const DetectorLosses losses = detector.losses(scene.images, scene.extents, scene.targets, in_order);
  losses.total().backward();
  CHECK(at::isfinite(losses.total()).item<bool>());
  CHECK(losses.masks.item<float>() == 0);
  CHECK(losses.boxes.item<float>() == 0);
  CHECK(detector.named_tensors().at("stem.conv1.weight").grad().defined());
}
