// synth compare and synth show: countings, tasks, and what they refuse.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

using namespace cli_test;
using nlohmann::json;

TEST_CASE("batch norm is folded unless publications are to be met, and the JSON says which", "[cli]") {
  for (const char* command : {"show", "compare"}) {
    const auto document = [&](const std::vector<std::string>& more) {
      std::vector<std::string> arguments = {command, "mobilenet_v2", "--json"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return run_synth(arguments).json();
    };
    const auto parameters = [&](const json& found) {
      return found.contains("networks") ? found["networks"][0]["parameters"] : found["parameters"];
    };
    const json folded = document({}), published = document({"--count", "published"});
    CHECK(folded["counting"] == "folded");
    CHECK(parameters(folded) == 3487816);
    CHECK(published["counting"] == "published");
    CHECK(parameters(published) == 3504872);
    const Outcome wrong = run_synth({command, "mobilenet_v2", "--count", "both"});
    CHECK(wrong.exit_code == 2);
    CHECK_THAT(wrong.err, Catch::Contains("both") && Catch::Contains("published"));
  }
}

TEST_CASE("a Mask R-CNN is costed over any network", "[cli]") {
  const json document = run_synth({"compare", "--task", "mask-rcnn", "--classes", "91", "--count", "published",
                                   "--baseline", "resnet50", "attonet_d", "--json"})
                            .json();
  CHECK(document["task"] == "mask-rcnn");
  CHECK(document["image"] == json({{"height", 800}, {"width", 1333}}));
  // torchvision's 44,401,393, which leaves out the 53,120 parameters of frozen batch norms.
  CHECK(document["networks"][0]["parameters"] == 44401393 + 53120);
  CHECK(document["networks"][1]["vs_baseline"]["parameters_ratio"].get<double>() > 2);
  const json fewer = run_synth({"compare", "--task", "mask-rcnn-c4", "--input", "400x600", "--proposals", "300",
                                "--detections", "50", "resnet50", "--json"})
                         .json();
  CHECK(fewer["task"] == "mask-rcnn-c4");
  CHECK(fewer["proposals"] == 300);
  CHECK(fewer["detections"] == 50);
  CHECK(fewer["image"]["height"] == 400);
}

TEST_CASE("compare names what is wrong", "[cli]") {
  const auto check = [](std::vector<std::string> arguments, const std::vector<std::string>& words) {
    arguments.insert(arguments.begin(), {"compare", "resnet50"});
    const Outcome outcome = run_synth(arguments);
    CHECK(outcome.exit_code == 2);
    for (const std::string& word : words) CHECK_THAT(outcome.err, Catch::Contains(word));
  };
  check({"--task", "mask-rcn"}, {"mask-rcn", "mask-rcnn"});
  check({"--input", "800x1333"}, {"--input", "--task mask-rcnn"});
  check({"--task", "mask-rcnn", "--input", "800"}, {"800", "HEIGHTxWIDTH"});
  check({"--task", "mask-rcnn", "--input", "800x1333x3"}, {"800x1333x3"});
  check({"--task", "mask-rcnn", "--input", "0x9"}, {"0x9"});
  check({"--task", "mask-rcnn", "--proposals", "0"}, {"--proposals", "0"});
  check({"--task", "mask-rcnn", "--classes", "1"}, {"--classes", "2"});
  check({"--task", "mask-rcnn", "--format", "svg"}, {"svg", "json"});
  check({"--task", "mask-rcnn", "--accuracy", "resnet50=70"}, {"--accuracy"});
  check({"--accuracy", "resnet50=101"}, {"101"});
  check({"--accuracy", "resnet50=70%%"}, {"70%%"});
  check({"--accuracy", "resnet5=70"}, {"resnet5", "resnet50"});
  check({"--reported", "imagenet50"}, {"--reported", "NETWORK"});
}
