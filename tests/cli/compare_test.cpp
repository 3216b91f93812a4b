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

TEST_CASE("a Mask R-CNN without networks is the paper's comparison", "[cli]") {
  const auto names = [](const json& document) {
    std::vector<std::string> found;
    for (const auto& network : document["networks"]) found.push_back(network["name"]);
    return found;
  };
  const std::vector<std::string> published = {"resnet50", "attonet_a", "attonet_b", "attonet_c", "attonet_d"};
  for (const char* task : {"mask-rcnn", "mask-rcnn-c4"}) {
    const json document = run_synth({"compare", "--task", task, "--input", "800x1333", "--json"}).json();
    CHECK(names(document) == published);
    for (const auto& network : document["networks"]) CHECK(network["vs_baseline"]["baseline"] == "resnet50");
  }
  const json other = run_synth({"compare", "--task", "mask-rcnn", "--baseline", "mobilenet_v1", "--json"}).json();
  CHECK(names(other).size() == 5);
  CHECK(other["networks"][4]["vs_baseline"]["baseline"] == "mobilenet_v1");
  for (const auto& arguments : {std::vector<std::string>{"compare"}, {"compare", "--task", "classification"}}) {
    const Outcome nothing = run_synth(arguments);
    CHECK(nothing.exit_code == 2);
    CHECK_THAT(nothing.err, Catch::Contains("NETWORK"));
  }
}

TEST_CASE("the papers' tables can be drawn", "[cli]") {
  const Outcome picture = run_synth({"compare", "--reported", "imagenet50", "--format", "svg"});
  CHECK(picture.exit_code == 0);
  CHECK_THAT(picture.out, Catch::StartsWith("<svg") && Catch::Contains("AttendNet-A"));
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
  check({"--task", "mask-rcnn", "--input", "31x31"}, {"31x31", "64"});
  check({"--task", "mask-rcnn", "--proposals", "0"}, {"--proposals", "0"});
  check({"--task", "mask-rcnn", "--classes", "1"}, {"--classes", "2"});
  check({"--task", "mask-rcnn", "--format", "svg"}, {"svg", "json"});
  check({"--task", "mask-rcnn", "--accuracy", "resnet50=70"}, {"--accuracy"});
  check({"--accuracy", "resnet50=101"}, {"101"});
  check({"--accuracy", "resnet50=70%%"}, {"70%%"});
  check({"--accuracy", "resnet5=70"}, {"resnet5", "resnet50"});
  check({"--reported", "imagenet50"}, {"--reported", "NETWORK"});
  check({"--json", "--format", "svg"}, {"--json", "--format svg"});
  check({"--format", "svgg"}, {"svgg", "svg"});
}

TEST_CASE("an option without effect is refused", "[cli]") {
  const std::vector<std::vector<std::string>> options = {
      {"--task", "mask-rcnn"}, {"--task", "classification"}, {"--baseline", "resnet50"}, {"--accuracy", "resnet50=70"},
      {"--bits", "8"},         {"--count", "folded"},        {"--alpha", "3"},           {"--beta", "1"},
      {"--gamma", "1"},        {"--classes", "5"},           {"--input", "64x64"}};
  for (const auto& option : options) {
    const Outcome outcome = run_synth({"compare", "--reported", "imagenet50", option[0], option[1]});
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, Catch::Contains(option[0]) && Catch::Contains("--reported"));
  }
  for (const char* option : {"--alpha", "--beta", "--gamma"}) {
    const Outcome outcome = run_synth({"compare", "resnet50", "--task", "mask-rcnn", option, "1"});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Catch::Contains(option) && Catch::Contains("classification"));
  }
  const auto weight_bytes = [](const char* bits) {
    return run_synth({"compare", "resnet50", "--task", "mask-rcnn", "--bits", bits, "--json"})
        .json()["networks"][0]["weight_bytes"]
        .get<double>();
  };
  CHECK(weight_bytes("8") < weight_bytes("32") / 3);
}

TEST_CASE("a given accuracy that looks like a fraction is pointed out", "[cli]") {
  CHECK_THAT(run_synth({"compare", "resnet50", "--accuracy", "resnet50=0.76"}).err, Catch::Contains("76%"));
  CHECK(run_synth({"compare", "resnet50", "--accuracy", "resnet50=76"}).err.empty());
  CHECK(run_synth({"compare", "resnet50", "--accuracy", "resnet50=0.76%"}).err.empty());
}

TEST_CASE("show titles a file's network by its name", "[cli]") {
  const TemporaryFolder folder;
  const std::string file = folder / "stem.json";
  REQUIRE(run_synth({"export", "residual9", "--format", "architecture", "--out", file}).exit_code == 0);
  json document = json::parse(read_text(file));
  document["name"] = "my own network";
  write_text(file, document.dump());
  CHECK(run_synth({"show", file, "--json"}).json()["name"] == "my own network");
  CHECK_THAT(run_synth({"show", file}).out, Catch::StartsWith("my own network: input"));
  CHECK(run_synth({"compare", file, "--json"}).json()["networks"][0]["name"] == "stem");
  document.erase("name");
  write_text(file, document.dump());
  CHECK(run_synth({"show", file, "--json"}).json()["name"] == "stem");
  const Outcome both = run_synth({"show", file, "--json", "--format", "svg"});
  CHECK(both.exit_code == 2);
  CHECK_THAT(both.err, Catch::Contains("--json") && Catch::Contains("--format svg"));
  CHECK(run_synth({"show", file, "--json", "--format", "json"}).exit_code == 0);
}
