// Tables and JSON of Mask R-CNN costs.
#include "synth/report/detection.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "synth/report/reported.h"

using namespace synth::report;
using Catch::Contains;
using search_space::MaskRcnn;

namespace {

DetectionComparison comparison_of(MaskRcnn::Variant variant) {
  DetectionComparison comparison;
  comparison.task.variant = variant;
  comparison.baseline = 0;
  for (const char* name : {"resnet50", "attonet_a"}) {
    comparison.networks.push_back(
        {name, search_space::mask_rcnn_cost(prototypes::load(name).design, comparison.task), 32});
  }
  return comparison;
}

}  // namespace

TEST_CASE("parts of a Mask R-CNN add up, and stand beside what the paper reports") {
  for (const auto variant : {MaskRcnn::Variant::fpn, MaskRcnn::Variant::c4}) {
    const auto comparison = comparison_of(variant);
    const auto json = detection_json(comparison);
    CHECK(json.at("task") == task_name(variant));
    CHECK(json.at("counting") == "folded");
    for (const auto& network : json.at("networks")) {
      for (const char* figure : {"parameters", "multiply_adds"}) {
        std::int64_t sum = 0;
        for (const auto& part : network.at("parts")) sum += part.at(figure).get<std::int64_t>();
        CHECK(network.at(figure) == sum);
      }
    }
    const auto& ratios = json.at("networks")[1].at("vs_baseline");
    CHECK(ratios.at("baseline") == "resnet50");
    CHECK(ratios.at("multiply_adds_ratio").get<double>() ==
          Approx(static_cast<double>(comparison.networks[0].cost.total().multiply_adds) /
                 static_cast<double>(comparison.networks[1].cost.total().multiply_adds)));
    CHECK(json.at("published").at("parameters") == 18'300'000);
    const std::string text = detection_text(comparison, 80);
    CHECK_THAT(text, Contains("18.3 M") && Contains("195 G") && Contains("36.6 M") && Contains("Ratios to resnet50"));
    CHECK((text.find("FPN  ") != std::string::npos) == (variant == MaskRcnn::Variant::fpn));
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      CHECK(end - start <= 80);
      start = end + 1;
    }
  }
}

TEST_CASE("a Mask R-CNN's published figures are no set of classifiers") {
  CHECK(reported_sets() == std::vector<std::string>{"imagenet50"});
}
