// Costs of Mask R-CNN over the networks here, against counts derived by hand from the published architecture.
#include "search_space/mask_rcnn.h"

#include <catch2/catch.hpp>

#include "prototypes/library.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"

using namespace search_space;

namespace {

constexpr std::int64_t resnet50_convolutions = 23'454'912, resnet50_norms = 53'120;

MaskRcnnCost costs(const std::string& network, const MaskRcnn& task, Counting counting = Counting::published) {
  return mask_rcnn_cost(prototypes::load(network).design, task, counting);
}

const Cost& part(const MaskRcnnCost& cost, std::string_view name) {
  for (const auto& part : cost.parts) {
    if (part.name == name) return part.cost;
  }
  throw std::logic_error("no part " + std::string(name));
}

// A convolution with bias.
std::int64_t weights(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return in * out * kernel * kernel + out;
}

}  // namespace

TEST_CASE("Mask R-CNN ResNet-50-FPN has its published parameters") {
  // torchvision's maskrcnn_resnet50_fpn, 91 classes: 44,401,393, its frozen batch norms not counted.
  const auto cost = costs("resnet50", {.classes = 91});
  CHECK(cost.total().parameters() - resnet50_norms == 44'401'393);
  CHECK(part(cost, "backbone").parameters() == resnet50_convolutions + resnet50_norms);
  CHECK(part(cost, "FPN").parameters() == weights(256, 256, 1) + weights(512, 256, 1) + weights(1024, 256, 1) +
                                              weights(2048, 256, 1) + 4 * weights(256, 256, 3));
  CHECK(part(cost, "RPN").parameters() == weights(256, 256, 3) + weights(256, 3, 1) + weights(256, 12, 1));
  CHECK(part(cost, "box head").parameters() ==
        weights(256 * 49, 1024, 1) + weights(1024, 1024, 1) + weights(1024, 91, 1) + weights(1024, 364, 1));
  CHECK(part(cost, "mask head").parameters() == 4 * weights(256, 256, 3) + weights(256, 256, 2) + weights(256, 91, 1));
  // Folded, a batch norm is one bias per channel instead of two parameters.
  CHECK(costs("resnet50", {.classes = 91}, Counting::folded).total().parameters() ==
        cost.total().parameters() - resnet50_norms / 2);
}

TEST_CASE("Mask R-CNN's multiply-adds follow the maps of 800 x 1333") {
  const auto cost = costs("resnet50", {});
  Architecture classifier = prototypes::load("resnet50").design;
  classifier.input = {3, 800, 1333};
  CHECK(part(cost, "backbone").multiply_adds == cost_of(lower(classifier)).multiply_adds - 2048 * 1000);
  const std::int64_t p2 = 200 * 334, p3 = 100 * 167, p4 = 50 * 84, p5 = 25 * 42, p6 = 13 * 21;
  const std::int64_t wide = 256 * 256 * 9;
  CHECK(part(cost, "FPN").multiply_adds ==
        256 * (256 * p2 + 512 * p3 + 1024 * p4 + 2048 * p5) + wide * (p2 + p3 + p4 + p5));
  CHECK(part(cost, "RPN").multiply_adds == (wide + 256 * 15) * (p2 + p3 + p4 + p5 + p6));
  CHECK(part(cost, "box head").multiply_adds == 1000 * std::int64_t{12544 * 1024 + 1024 * 1024 + 1024 * 5 * 81});
  CHECK(part(cost, "mask head").multiply_adds ==
        100 * (196 * (4 * wide + 4 * 256 * 256) + std::int64_t{784} * 256 * 81));
}

TEST_CASE("Mask R-CNN ResNet-50-C4 runs the last stage on every region") {
  MaskRcnn task{.variant = MaskRcnn::Variant::c4};
  const auto cost = costs("resnet50", task);
  const std::int64_t proposal_network = weights(1024, 1024, 3) + weights(1024, 15, 1) + weights(1024, 60, 1);
  const std::int64_t predictors = weights(2048, 81, 1) + weights(2048, 4 * 81, 1);
  const std::int64_t masks = std::int64_t{2048} * 256 * 4 + 256 + weights(256, 81, 1);
  CHECK(cost.total().parameters() == resnet50_convolutions + resnet50_norms + proposal_network + predictors + masks);
  CHECK(part(cost, "RPN").multiply_adds == std::int64_t{50 * 84} * (1024 * 1024 * 9 + 1024 * 75));
  // The last stage at 7 x 7 (its first 1x1 convolution at 14 x 14): 3 bottlenecks of 512, and the projection.
  const std::int64_t bottlenecks = 3 * std::int64_t{512 * 512 * 9 + 512 * 2048} + 2 * std::int64_t{2048 * 512};
  const std::int64_t stage = 49 * (bottlenecks + std::int64_t{1024} * 2048) + std::int64_t{196} * 1024 * 512;
  CHECK(part(cost, "box head").multiply_adds == 1000 * (stage + 2048 * 5 * 81));
  CHECK(part(cost, "mask head").multiply_adds ==
        100 * (stage + std::int64_t{49} * 2048 * 256 * 4 + std::int64_t{196} * 256 * 81));
  task.proposals = 300;
  CHECK(part(costs("resnet50", task), "box head").multiply_adds == 300 * (stage + 2048 * 5 * 81));
}

TEST_CASE("every built-in that ends at stride 32 can be the backbone, and loses its head") {
  for (const auto& entry : prototypes::builtins()) {
    if (entry.role == prototypes::Role::prototype) continue;  // for small images
    for (const auto variant : {MaskRcnn::Variant::fpn, MaskRcnn::Variant::c4}) {
      INFO(entry.name);
      const MaskRcnn task{.variant = variant, .height = 128, .width = 192};
      const auto cost = costs(entry.name, task);
      const auto classes = costs(entry.name + ",classes=3", task);
      CHECK(cost.total() == classes.total());
      CHECK(cost.total().multiply_adds > 0);
      for (const auto& part : cost.parts)
        CHECK((part.cost.parameters() > 0) == (part.name != "FPN" || variant == MaskRcnn::Variant::fpn));
    }
  }
  // ShuffleNet-V2 leaves stride 4 to its stem: the pyramid stands on 24, 116, 232 and 464 channels.
  CHECK(part(costs("shufflenet_v2", {}), "FPN").parameters() ==
        (24 + 116 + 232 + 464) * 256 + 4 * 256 + 4 * weights(256, 256, 3));
}

TEST_CASE("what cannot carry a Mask R-CNN is named") {
  using Catch::Contains;
  const MaskRcnn pyramid, c4{.variant = MaskRcnn::Variant::c4};
  Architecture flat = prototypes::load("residual9").design;
  for (auto& slot : flat.slots) slot.stride = 1;
  CHECK_THROWS_WITH(mask_rcnn_cost(flat, pyramid), Contains("4, 8, 16, 32") && Contains("have strides 1."));
  CHECK_THROWS_WITH(mask_rcnn_cost(flat, c4), Contains("strides 16, 32"));
  // Four resolutions are not enough: on finer maps the heads would cost many times what they do.
  for (const auto& task : {pyramid, c4}) {
    CHECK_THROWS_WITH(costs("residual9", task), Contains("have strides 1, 2, 4, 8."));
    CHECK_THROWS_WITH(costs("resnet50,stem=small", task), Contains("have strides 2, 4, 8, 16."));
  }
  CHECK(costs("resnet50,stem=3x3/2+pool", pyramid).total().multiply_adds > 0);
  CHECK_THROWS_WITH(costs("resnet50", {.height = 63, .width = 640}), Contains("63 x 640") && Contains("at least 64"));
  CHECK(costs("resnet50", {.height = 64, .width = 64}).total().multiply_adds > 0);
}
