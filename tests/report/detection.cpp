// Tables and JSON of Mask R-CNN costs.
#include "synth/report/detection.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "prototypes/library.h"
#include "synth/report/reported.h"
#include "synth/report/wrapping.h"

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

// Without its line breaks.
std::string flat_text(const DetectionComparison& comparison) {
  std::string text = detection_text(comparison);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
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
    for (const int columns : {60, 80}) {
      std::istringstream lines(detection_text(comparison, columns));
      for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= columns);
    }
  }
}

TEST_CASE("the memory of a Mask R-CNN's weights follows their precision") {
  auto comparison = comparison_of(MaskRcnn::Variant::fpn);
  CHECK_THAT(flat_text(comparison), Contains("weights of 32 bits") && Contains("169.27 MiB"));
  comparison.networks[1].weight_bits = 8;
  CHECK_THAT(flat_text(comparison), Contains("each network's precision") && Contains("169.27 MiB"));
  comparison.networks[0].weight_bits = 8;
  CHECK_THAT(flat_text(comparison), Contains("weights of 8 bits") && !Contains("169.27 MiB"));
}

TEST_CASE("a Mask R-CNN's published figures are no set of classifiers") {
  CHECK(reported_sets() == std::vector<std::string>{"imagenet50"});
}
