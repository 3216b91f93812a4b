// Tables and pictures of networks, for every built-in.
#include <catch2/catch.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "sample_view.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/report/comparison.h"
#include "synth/report/diff.h"
#include "synth/report/network_picture.h"
#include "synth/report/network_table.h"
#include "xml.h"

using namespace synth::report;
using namespace synth::report::test;
using Catch::Contains;

namespace {

search_space::Architecture built_in(const std::string& name) {
  return prototypes::load(name).design;
}

}  // namespace

TEST_CASE("the layer table of every built-in adds up to its totals") {
  for (const auto& entry : prototypes::builtins()) {
    CAPTURE(entry.name);
    const auto architecture = built_in(entry.name);
    for (const auto counting : {search_space::Counting::folded, search_space::Counting::published}) {
      const auto json = show_json(architecture, {entry.name, 8, counting, false});
      REQUIRE(json.at("schema") == "synth/show/1");
      REQUIRE(json.at("key") == architecture.key());
      REQUIRE(json.at("input").at("height") == architecture.input.height);
      REQUIRE(json.at("classes") == architecture.classes);
      std::int64_t parameters = 0, multiply_adds = 0, bytes = 0, peak = 0;
      for (const auto& layer : json.at("layers")) {
        REQUIRE(layer.contains("name"));
        REQUIRE(layer.contains("op"));
        REQUIRE(layer.contains("slot"));
        REQUIRE(layer.contains("module"));
        REQUIRE(layer.at("output").contains("channels"));
        parameters += layer.at("parameters").get<std::int64_t>();
        multiply_adds += layer.at("multiply_adds").get<std::int64_t>();
        bytes += layer.at("weight_bytes").get<std::int64_t>();
        peak = std::max(peak, layer.at("activation_bytes").get<std::int64_t>());
      }
      REQUIRE(json.at("parameters") == parameters);
      REQUIRE(json.at("multiply_adds") == multiply_adds);
      REQUIRE(json.at("weight_bytes") == bytes);
      REQUIRE(json.at("peak_activation_bytes") == peak);
    }
    REQUIRE(show_json(architecture, {entry.name, 8}).at("weight_bytes") <
            show_json(architecture, {entry.name, 32}).at("weight_bytes"));
  }
}

TEST_CASE("the text table groups layers by slot and ends in totals") {
  const auto architecture = built_in("residual9");
  ShowOptions options{"residual9", 8};
  const std::string brief = show_text(architecture, options);
  REQUIRE_THAT(brief, Contains("stage1.slot1: ") && Contains("\ntotal") && Contains("Memory at 8 bits") &&
                          !Contains("batch_norm"));
  options.every_layer = true;
  REQUIRE_THAT(show_text(architecture, options), Contains("batch_norm"));
}

TEST_CASE("every built-in can be drawn, with a box per slot") {
  for (const auto& entry : prototypes::builtins()) {
    CAPTURE(entry.name);
    const auto architecture = built_in(entry.name);
    const std::string svg = network_svg(architecture, entry.name + " <&>");
    REQUIRE(xml_fault(svg) == "");
    for (std::size_t i = 0; i < architecture.slots.size(); ++i) {
      REQUIRE_THAT(svg, Contains(describe(architecture.slots[i])));
    }
    REQUIRE_THAT(network_dot(architecture, entry.name), Contains("digraph network") && Contains("softmax"));
  }
}

TEST_CASE("boxes tell kernels, the parts that a kind may leave out, and activations apart") {
  const auto architecture = built_in("mobilenet_v3_small");
  for (const std::string& picture : {network_svg(architecture, "n"), network_dot(architecture, "n")}) {
    CHECK_THAT(picture, Contains("inverted_residual_v3 3x3") && Contains("inverted_residual_v3 5x5"));
    CHECK_THAT(picture, Contains("squeeze_excite, hard_swish") && Contains("ReLU unless named"));
  }
  auto changed = built_in("residual9");
  CHECK_THAT(network_svg(changed, "n"), !Contains("ReLU unless named"));
  changed.slots[0].activation = "hard_swish";
  CHECK_THAT(network_svg(changed, "n"), Contains(">hard_swish after<"));
  changed = built_in("residual9");
  changed.stem[0].activation = "hard_swish";
  CHECK_THAT(network_svg(changed, "n"), Contains(">hard_swish<"));
}

TEST_CASE("in the DOT picture titles are nodes, so that no arrow crosses them") {
  const std::string dot = network_dot(built_in("residual9"), "n");
  CHECK_THAT(dot, Contains("t1 [shape=plaintext") && Contains("{ rank=same; t1; "));
  CHECK_THAT(dot, Contains("label=\"stage 1\\n"));
}

TEST_CASE("a network differs from itself in nothing, and from another where they differ") {
  const auto from = built_in("residual9");
  REQUIRE(differences(from, from).empty());
  REQUIRE_THAT(diff_text({"a", from}, {"b", from}), Contains("same network"));
  REQUIRE(diff_json({"a", from}, {"b", from}).at("equal") == true);

  auto to = from;
  to.classes = from.classes + 1;
  to.stem[0].width += 4;
  to.slots.erase(to.slots.end() - 1);
  to.slots[0].activation = "hard_swish";
  const auto found = differences(from, to);
  REQUIRE(found.size() == 4);
  REQUIRE(found[0].place == "stem.layer1");
  REQUIRE(found[1].place == "stage1.slot1");
  REQUIRE(found[1].to == found[1].from + ", hard_swish after");
  REQUIRE(found[2].place == "stage3.slot3");
  REQUIRE(found[2].to.empty());
  REQUIRE(found[3].place == "classes");
  const auto json = diff_json({"a", from}, {"b", to});
  REQUIRE(json.at("differences").size() == 4);
  REQUIRE(json.at("differences")[2].at("to").is_null());
}

TEST_CASE("parameters of absent modules are no difference between designs") {
  const SampleRun run;
  REQUIRE(differences(run.space, run.space.prototype(), run.space.prototype()).empty());
  const auto changed = run.changed(run.space.prototype(), "stage2.slot2");
  REQUIRE(differences(run.space, run.space.prototype(), changed).size() == 1);
}

TEST_CASE("a comparison computes NetScore and ratios, and shows published figures beside derived ones") {
  Comparison comparison;
  // AttoNets Table 2: ResNet-50 and AttoNet-A.
  comparison.networks.push_back({"ResNet-50", 0.773, {26'010'000, 0, 4'123'000'000, 0}, 32, {}});
  comparison.networks.push_back({"AttoNet-A", 0.73, {2'970'000, 0, 424'800'000, 0}, 8, Reported{0.73, 2.97e6, {}, {}}});
  comparison.networks.push_back({"untrained", {}, {100, 0, 100, 0}, 32, {}});
  REQUIRE_THAT(comparison_text(comparison), !Contains("split"));
  comparison.networks[1].split = "test";
  comparison.baseline = 0;
  const auto json = comparison_json(comparison);
  REQUIRE(json.at("schema") == "synth/compare/1");
  const auto& second = json.at("networks")[1];
  for (const char* key : {"name", "accuracy", "parameters", "multiply_adds", "weight_bits", "weight_bytes", "netscore",
                          "reported", "vs_baseline"}) {
    CAPTURE(key);
    REQUIRE(second.contains(key));
  }
  REQUIRE(second.at("netscore").get<double>() == Approx(comparison.score(73, 2'970'000, 424'800'000)));
  REQUIRE(second.at("weight_bytes") == 2'970'000);
  REQUIRE(second.at("vs_baseline").at("parameters_ratio").get<double>() == Approx(26.01 / 2.97));
  REQUIRE(second.at("vs_baseline").at("weight_bytes_ratio").get<double>() == Approx(4 * 26.01 / 2.97));
  REQUIRE(second.at("reported").at("multiply_adds").is_null());
  REQUIRE(json.at("networks")[0].at("reported").is_null());
  REQUIRE(json.at("networks")[2].at("netscore").is_null());
  REQUIRE(json.at("counting") == "folded");
  REQUIRE(second.at("accuracy_split") == "test");
  REQUIRE(json.at("networks")[2].at("accuracy_split").is_null());
  const std::string text = comparison_text(comparison);
  REQUIRE_THAT(text, Contains("8.76x") && Contains("[2.97 M]") && Contains("split") && Contains("test: ") &&
                         !Contains("validation: ") && Contains("Ratios to ResNet-50"));
  REQUIRE(xml_fault(comparison_svg(comparison)) == "");
  REQUIRE(xml_fault(comparison_svg({})) == "");
}

TEST_CASE("the accuracy plot's axis keeps within percentages, and every network is drawn and named") {
  Comparison comparison;
  comparison.networks.push_back({"mobilenet_v1", 0.6452, {3'258'000, 0, 567'770'000, 0}, 32, {}});
  comparison.networks.push_back({"best", 0.999, {10'000, 0, 250'000'000, 0}, 32, {}});
  comparison.networks.push_back({"unmeasured", {}, {10'000, 0, 250'000'000, 0}, 32, {}});
  const std::string svg = comparison_svg(comparison);
  REQUIRE(xml_fault(svg) == "");
  CHECK_THAT(svg, Contains(">100<") && !Contains(">105<") && !Contains(">110<"));
  CHECK_THAT(svg, Contains(">mobilenet_v1<") && Contains(">best<") && !Contains(">unmeasured<"));
  CHECK_THAT(svg, Contains("without a measured accuracy are left out"));
  comparison.networks.pop_back();
  CHECK_THAT(comparison_svg(comparison), !Contains("left out"));
}
