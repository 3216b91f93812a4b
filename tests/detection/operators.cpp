// Boxes, anchors, matching, suppression, RoIAlign, losses and pasting against torchvision, on random and extreme
// inputs.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <catch2/catch.hpp>

#include "evaluators/detection/anchors.h"
#include "evaluators/detection/boxes.h"
#include "evaluators/detection/losses.h"
#include "evaluators/detection/matching.h"
#include "evaluators/detection/nms.h"
#include "evaluators/detection/pasting.h"
#include "evaluators/detection/roi_align.h"
#include "reference.h"
#include "search_space/errors.h"

using namespace evaluators::detection;
using reference::check_close;
using reference::Tensors;
using torch::Tensor;

namespace {

at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);

Tensor uniform(std::vector<std::int64_t> sizes, double low, double high) {
  return at::empty(sizes).uniform_(low, high, generator);
}
Tensor normal(std::vector<std::int64_t> sizes, double deviation = 1) {
  return at::empty(sizes).normal_(0, deviation, generator);
}
Tensor whole(std::vector<std::int64_t> sizes, std::int64_t low, std::int64_t high) {
  return at::empty(sizes, torch::kInt64).random_(low, high, generator);
}
Tensor numbers(std::vector<float> values) {
  return at::tensor(values);
}
Tensor integers(std::vector<std::int64_t> values) {
  return at::tensor(values, torch::kInt64);
}

// Boxes of sides in [least, most] with their first corner in [low, high].
Tensor random_boxes(int count, double low, double high, double least, double most) {
  const Tensor corner = uniform({count, 2}, low, high);
  return at::cat({corner, corner + uniform({count, 2}, least, most)}, 1);
}

using Cases = std::vector<Tensors>;

Cases coder_cases() {
  Cases cases;
  for (const auto& weights : {numbers({1, 1, 1, 1}), numbers({10, 10, 5, 5})})
    for (const double deviation : {1.0, 100.0})
      cases.push_back({{"weights", weights},
                       {"boxes", random_boxes(50, -100, 1000, 0.01, 500)},
                       {"references", random_boxes(50, -100, 1000, 0.01, 500)},
                       {"deltas", normal({50, 12}, deviation)}});
  cases.push_back({{"weights", numbers({10, 10, 5, 5})},
                   {"boxes", random_boxes(20, 0, 1e4, 1e-3, 1e4)},
                   {"references", random_boxes(20, 0, 1e4, 1, 1e4)},
                   {"deltas", normal({20, 4}, 1e4)}});
  return cases;
}

Cases iou_cases() {
  const Tensor flat = numbers({5, 5, 5, 9}).view({1, 4});
  return {{{"first", random_boxes(40, 0, 100, 0, 60)}, {"second", random_boxes(30, 0, 100, 0, 60)}},
          {{"first", random_boxes(40, 0, 1e4, 1e-3, 1e4)}, {"second", random_boxes(30, 0, 1e4, 1e-3, 1e4)}},
          {{"first", flat}, {"second", random_boxes(10, 0, 8, 1, 9)}},
          {{"first", at::zeros({0, 4})}, {"second", random_boxes(3, 0, 8, 1, 9)}}};
}

Cases nms_cases() {
  Cases cases;
  for (const float threshold : {0.3f, 0.5f, 0.7f})
    cases.push_back({{"boxes", random_boxes(300, 0, 100, 5, 50)},
                     {"scores", uniform({300}, 0, 1)},
                     {"groups", whole({300}, 0, 4)},
                     {"threshold", numbers({threshold})}});
  // Equal scores and many equal boxes.
  const Tensor corner = whole({200, 2}, 0, 6).to(torch::kFloat32) * 8;
  cases.push_back({{"boxes", at::cat({corner, corner + 16}, 1)},
                   {"scores", whole({200}, 0, 5).to(torch::kFloat32) / 8},
                   {"groups", whole({200}, 0, 2)},
                   {"threshold", numbers({0.25f})}});
  cases.push_back({{"boxes", at::zeros({0, 4})},
                   {"scores", at::zeros({0})},
                   {"groups", at::zeros({0}, torch::kInt64)},
                   {"threshold", numbers({0.5f})}});
  return cases;
}

Cases anchor_cases() {
  const auto one = [](std::vector<float> sizes, std::vector<float> ratios, std::vector<std::int64_t> image,
                      std::vector<std::int64_t> map) -> Tensors {
    return {{"sizes", numbers(std::move(sizes))},
            {"ratios", numbers(std::move(ratios))},
            {"image", integers(std::move(image))},
            {"map", integers(std::move(map))}};
  };
  return {one({32}, {0.5, 1, 2}, {800, 1344}, {200, 336}), one({16}, {0.5, 1, 2}, {96, 96}, {24, 24}),
          one({512}, {0.5, 1, 2}, {96, 96}, {2, 2}), one({32, 64, 128}, {0.3f, 1, 3}, {100, 70}, {7, 5})};
}

Cases match_cases() {
  Cases cases;
  const std::vector<std::vector<float>> settings = {{0.7f, 0.3f, 1}, {0.5f, 0.5f, 0}, {0.5f, 0.4f, 1}};
  for (const auto& one : settings) {
    cases.push_back({{"overlaps", uniform({7, 200}, 0, 1) * uniform({7, 200}, 0, 1)}, {"settings", numbers(one)}});
    // Ties, and objects that overlap nothing.
    cases.push_back({{"overlaps", whole({5, 60}, 0, 5).to(torch::kFloat32) / 8}, {"settings", numbers(one)}});
    cases.push_back({{"overlaps", at::zeros({3, 10})}, {"settings", numbers(one)}});
  }
  return cases;
}

Cases sample_cases() {
  Cases cases;
  const std::vector<std::vector<float>> settings = {{64, 0.5f}, {64, 0.25f}, {1000, 0.5f}};
  for (const auto& one : settings)
    for (const std::int64_t most : {1, 2, 4}) {
      const Tensor labels = whole({300}, -1, most);
      const auto permutation = [](const Tensor& mask) {
        return at::randperm(mask.sum().item<std::int64_t>(), generator, torch::kInt64);
      };
      cases.push_back({{"labels", labels},
                       {"settings", numbers(one)},
                       {"first", permutation(labels >= 1)},
                       {"second", permutation(labels.eq(0))}});
    }
  return cases;
}

Tensors roi_case(std::vector<std::int64_t> sizes, const Tensor& boxes, int side, int sampling, float scale) {
  const std::int64_t count = boxes.size(0);
  const Tensor image = whole({count, 1}, 0, sizes[0]).to(torch::kFloat32);
  return {{"features", normal(sizes)},
          {"regions", at::cat({image, boxes}, 1)},
          {"upstream", normal({count, sizes[1], side, side})},
          {"settings", numbers({static_cast<float>(side), static_cast<float>(sampling), scale})}};
}

Cases roi_cases() {
  return {roi_case({2, 5, 24, 20}, random_boxes(30, -10, 90, 1, 80), 7, 2, 0.25f),
          roi_case({1, 3, 24, 20}, random_boxes(30, -10, 90, 1, 80), 14, 0, 0.25f),
          roi_case({2, 3, 16, 16}, random_boxes(10, -300, 300, 0, 1000), 7, 0, 0.5f),  // far outside
          roi_case({2, 3, 16, 16}, random_boxes(10, 0, 15, 0, 1e-3), 7, 2, 1),         // no area
          roi_case({2, 3, 16, 16}, random_boxes(10, 5, 15, -9, -1), 7, 2, 1),          // turned over
          roi_case({1, 2, 1, 1}, random_boxes(10, -2, 2, 0, 4), 3, 2, 1),
          roi_case({1, 2, 4, 4}, at::zeros({0, 4}), 7, 2, 1)};
}

Cases pyramid_cases() {
  Tensors one = {{"boxes0", random_boxes(40, 0, 200, 1, 60)},
                 {"boxes1", random_boxes(40, 0, 5, 1, 250)},
                 {"side", integers({256})}};
  for (int level = 0; level < 4; ++level)
    one["level" + std::to_string(level)] = normal({2, 3, 64 >> level, 64 >> level});
  return {one};
}

Cases proposal_loss_cases() {
  const Tensor labels = whole({200}, 0, 2);
  return {{{"objectness", normal({200, 1}, 5)},
           {"deltas", normal({200, 4})},
           {"labels", labels.to(torch::kFloat32)},
           {"targets", normal({200, 4})},
           {"positive", labels.slice(0, 0, 50).nonzero().squeeze(1)},
           {"sampled", at::arange(50, torch::kInt64)}},
          {{"objectness", normal({20, 1}, 1000)},
           {"deltas", normal({20, 4}, 1000)},
           {"labels", at::zeros({20})},
           {"targets", normal({20, 4})},
           {"positive", integers({})},
           {"sampled", at::arange(7, torch::kInt64)}}};
}

Cases detection_loss_cases() {
  Cases cases;
  for (const std::int64_t most : {4, 1})
    cases.push_back({{"logits", normal({60, 4}, 5)},
                     {"deltas", normal({60, 16}, 3)},
                     {"labels", whole({60}, 0, most)},
                     {"targets", normal({60, 4})}});
  return cases;
}

Cases mask_loss_cases() {
  const Tensor object_labels = whole({6}, 1, 4), objects = whole({20}, 0, 6);
  return {{{"logits", normal({20, 4, 28, 28}, 5)},
           {"boxes", random_boxes(20, 0, 60, 1, 40)},
           {"masks", whole({6, 96, 96}, 0, 2).to(torch::kFloat32)},
           {"object_labels", object_labels},
           {"objects", objects},
           {"labels", object_labels.index_select(0, objects)}}};
}

Cases paste_cases() {
  Cases cases;
  const std::vector<std::vector<float>> boxes = {{10.3f, 5.8f, 40.2f, 61}, {0, 0, 96, 80},    {-20, -30, 30, 200},
                                                 {50, 50, 50.2f, 50.1f},   {200, 5, 240, 30}, {-3, -3, -0.5f, -0.5f}};
  for (const auto& box : boxes)
    cases.push_back({{"mask", uniform({28, 28}, 0, 1)}, {"box", numbers(box)}, {"size", integers({80, 96})}});
  return cases;
}

const std::map<std::string, Cases>& all_cases() {
  static const std::map<std::string, Cases> cases = {{"coder", coder_cases()},
                                                     {"iou", iou_cases()},
                                                     {"nms", nms_cases()},
                                                     {"anchors", anchor_cases()},
                                                     {"match", match_cases()},
                                                     {"sample", sample_cases()},
                                                     {"roi", roi_cases()},
                                                     {"pyramid", pyramid_cases()},
                                                     {"proposal_loss", proposal_loss_cases()},
                                                     {"detection_loss", detection_loss_cases()},
                                                     {"mask_loss", mask_loss_cases()},
                                                     {"paste", paste_cases()}};
  return cases;
}

const Tensors& torchvision() {
  static const Tensors results = [] {
    Tensors inputs;
    for (const auto& [kind, cases] : all_cases())
      for (std::size_t i = 0; i < cases.size(); ++i)
        for (const auto& [field, tensor] : cases[i]) inputs[kind + "." + std::to_string(i) + "." + field] = tensor;
    return reference::run_torchvision(inputs);
  }();
  return results;
}

// check(inputs, torchvision's results) for every case of a kind.
template <typename Check>
void for_each_case(const std::string& kind, Check check) {
  const Cases& cases = all_cases().at(kind);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(kind << " " << i);
    const Tensors expected = reference::fields(torchvision(), kind, static_cast<int>(i));
    REQUIRE_FALSE(expected.empty());
    check(cases[i], expected);
  }
}

bool same(const Tensor& found, const Tensor& expected) {
  return found.sizes() == expected.sizes() && at::equal(found, expected);
}

// A copy that collects gradients.
Tensor leaf(const Tensor& tensor) {
  return tensor.clone().set_requires_grad(true);
}

}  // namespace

TEST_CASE("box coding is torchvision's", "[detection][torchvision]") {
  for_each_case("coder", [](const Tensors& in, const Tensors& expected) {
    BoxCoder coder;
    for (int i = 0; i < 4; ++i) coder.weights[i] = in.at("weights")[i].item<float>();
    check_close(coder.encode(in.at("boxes"), in.at("references")), expected.at("encoded"));
    check_close(coder.decode(in.at("deltas"), in.at("references")), expected.at("decoded"));
  });
  CHECK(proposal_coder.encode(at::zeros({0, 4}), at::zeros({0, 4})).sizes() == std::vector<std::int64_t>{0, 4});
  CHECK(detection_coder.decode(at::zeros({0, 8}), at::zeros({0, 4})).sizes() == std::vector<std::int64_t>{0, 2, 4});
}

TEST_CASE("overlaps are torchvision's", "[detection][torchvision]") {
  for_each_case("iou", [](const Tensors& in, const Tensors& expected) {
    check_close(box_iou(in.at("first"), in.at("second")), expected.at("iou"));
  });
  const Tensor point = at::full({1, 4}, 3.0);
  CHECK(box_iou(point, point).item<float>() == 0);
}

TEST_CASE("suppression keeps what torchvision keeps, in its order", "[detection][torchvision]") {
  for_each_case("nms", [](const Tensors& in, const Tensors& expected) {
    CHECK(same(grouped_nms(in.at("boxes"), in.at("scores"), in.at("groups"), in.at("threshold").item<float>()),
               expected.at("kept")));
  });
}

TEST_CASE("anchors are torchvision's", "[detection][torchvision]") {
  for_each_case("anchors", [](const Tensors& in, const Tensors& expected) {
    const auto doubles = [](const Tensor& t) {
      const Tensor wide = t.to(torch::kFloat64).contiguous();
      return std::vector<double>(wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel());
    };
    const auto size = [](const Tensor& t) { return MapSize{t[0].item<int>(), t[1].item<int>()}; };
    const AnchorShapes shapes{doubles(in.at("sizes")), doubles(in.at("ratios"))};
    check_close(level_anchors(shapes, size(in.at("image")), size(in.at("map"))), expected.at("anchors"));
  });
}

TEST_CASE("matching is torchvision's, low-quality matches and ties included", "[detection][torchvision]") {
  for_each_case("match", [](const Tensors& in, const Tensors& expected) {
    const Tensor& s = in.at("settings");
    const Matcher matcher{s[0].item<float>(), s[1].item<float>(), s[2].item<float>() != 0};
    CHECK(same(matcher.match(in.at("overlaps")), expected.at("matches")));
  });
  CHECK(same(Matcher{}.match(at::zeros({0, 3})), at::full({3}, Matcher::background, torch::kInt64)));
}

TEST_CASE("samples are torchvision's for the same permutations", "[detection][torchvision]") {
  for_each_case("sample", [](const Tensors& in, const Tensors& expected) {
    const Tensor& s = in.at("settings");
    int calls = 0;
    const auto sample = Sampler{s[0].item<int>(), s[1].item<float>()}.sample(
        in.at("labels"), [&](std::int64_t) { return calls++ == 0 ? in.at("first") : in.at("second"); });
    CHECK(same(std::get<0>(sample.positive.sort()), expected.at("positive")));
    CHECK(same(std::get<0>(sample.negative.sort()), expected.at("negative")));
  });
}

TEST_CASE("RoIAlign and its gradient are torchvision's", "[detection][torchvision]") {
  for_each_case("roi", [](const Tensors& in, const Tensors& expected) {
    const Tensor& s = in.at("settings");
    const RoiAlign align{s[0].item<int>(), s[1].item<int>()};
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      const Tensor features = leaf(in.at("features").contiguous(format));
      const Tensor result = align(features, in.at("regions"), s[2].item<float>());
      result.backward(in.at("upstream"));
      check_close(result.detach(), expected.at("result"));
      check_close(features.grad(), expected.at("gradient"));
    }
  });
}

TEST_CASE("regions are read from the level that torchvision reads them from", "[detection][torchvision]") {
  for_each_case("pyramid", [](const Tensors& in, const Tensors& expected) {
    std::vector<Tensor> maps;
    for (const char* level : {"level0", "level1", "level2", "level3"}) maps.push_back(in.at(level));
    check_close(align_from_pyramid(maps, {in.at("boxes0"), in.at("boxes1")}, 4, {7, 2}), expected.at("result"));
  });
}

TEST_CASE("RoIAlign refuses regions that cannot be read", "[detection]") {
  const Tensor map = at::zeros({1, 1, 4, 4});
  const RoiAlign align;
  CHECK_THROWS_AS(align(map, numbers({1, 0, 0, 2, 2}).view({1, 5}), 1), search_space::InputError);
  CHECK_THROWS_AS(align(map, numbers({0, 0, 0, INFINITY, 2}).view({1, 5}), 1), search_space::InputError);
  CHECK_THROWS_AS(align(map, numbers({0, NAN, 0, 2, 2}).view({1, 5}), 1), search_space::InputError);
}

TEST_CASE("losses of proposals are torchvision's, with their gradients", "[detection][torchvision]") {
  for_each_case("proposal_loss", [](const Tensors& in, const Tensors& expected) {
    const Tensor objectness = leaf(in.at("objectness")), deltas = leaf(in.at("deltas"));
    const auto losses = proposal_losses(objectness.flatten(), deltas, in.at("labels"), in.at("targets"),
                                        in.at("positive"), in.at("sampled"));
    (losses.objectness + losses.boxes).backward();
    check_close(losses.objectness.detach(), expected.at("objectness"));
    check_close(losses.boxes.detach(), expected.at("boxes"));
    check_close(objectness.grad(), expected.at("objectness_gradient"));
    check_close(deltas.grad(), expected.at("deltas_gradient"));
  });
}

TEST_CASE("losses of detections are torchvision's, with their gradients", "[detection][torchvision]") {
  for_each_case("detection_loss", [](const Tensors& in, const Tensors& expected) {
    const Tensor logits = leaf(in.at("logits")), deltas = leaf(in.at("deltas"));
    const auto losses = detection_losses(logits, deltas, in.at("labels"), in.at("targets"));
    (losses.classes + losses.boxes).backward();
    check_close(losses.classes.detach(), expected.at("classes"));
    check_close(losses.boxes.detach(), expected.at("boxes"));
    check_close(logits.grad(), expected.at("logits_gradient"));
    check_close(deltas.grad(), expected.at("deltas_gradient"));
  });
}

TEST_CASE("the loss of masks is torchvision's, with its gradient", "[detection][torchvision]") {
  for_each_case("mask_loss", [](const Tensors& in, const Tensors& expected) {
    const Tensor logits = leaf(in.at("logits"));
    const Tensor targets = mask_targets(in.at("masks"), in.at("boxes"), in.at("objects"), 28);
    const Tensor loss = mask_loss(logits, in.at("labels"), targets);
    loss.backward();
    check_close(loss.detach(), expected.at("loss"));
    check_close(logits.grad(), expected.at("logits_gradient"));
  });
}

TEST_CASE("losses over nothing are zero", "[detection]") {
  const Tensor none = integers({});
  const auto proposals = proposal_losses(normal({5}), normal({5, 4}), at::zeros({5}), at::zeros({5, 4}), none, none);
  CHECK((proposals.objectness + proposals.boxes).item<float>() == 0);
  const auto detections = detection_losses(at::zeros({0, 3}), at::zeros({0, 12}), none, at::zeros({0, 4}));
  CHECK((detections.classes + detections.boxes).item<float>() == 0);
  CHECK(mask_loss(at::zeros({0, 3, 28, 28}), none, at::zeros({0, 28, 28})).item<float>() == 0);
}

TEST_CASE("masks are pasted as torchvision does", "[detection][torchvision]") {
  for_each_case("paste", [](const Tensors& in, const Tensors& expected) {
    check_close(paste_mask(in.at("mask"), in.at("box"), 80, 96), expected.at("image"));
  });
}
