// TensorFlow Lite files in LiteRT: float networks, whole integer networks, and every operator alone.
#include "synth/export/tflite_export.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "evaluators/float_conversion.h"
#include "evaluators/integer_conversion.h"
#include "network_fixtures.h"
#include "samples.h"
#include "search_space/graph_builder.h"
#include "search_space/random.h"
#include "synth/export/runtime.h"

using namespace synth;
using search_space::Op;

namespace {

std::vector<std::int8_t> random_values(std::int64_t count, search_space::Random& random) {
  std::vector<std::int8_t> result;
  for (std::int64_t i = 0; i < count; ++i) result.push_back(static_cast<std::int8_t>(random.below(256) - 128));
  return result;
}

}  // namespace

TEST_CASE("float TensorFlow Lite computes what the network does", "[tflite]") {
  for (const std::string& name : samples::names()) {
    INFO(name);
    auto network = samples::network(name);
    const samples::File file("model.tflite", tflite_float(name, evaluators::float_network(network), {{"name", name}}));
    const auto images = fixtures::random_images(network.graph(), 20, 33);
    const at::NoGradGuard no_grad;
    const auto found = run_model(lite_rt(), file.path(), {}, samples::values(images.permute({0, 2, 3, 1})));
    CHECK(samples::relative_error(found, samples::values(network.forward(images, false))) < 1e-4);
  }
}

namespace {

// How the outputs of one operator differ from the executor's: steps -> how often.
using Differences = std::map<int, int>;

std::string kind_of(const search_space::Graph& graph, int node) {
  const auto& primitive = graph.nodes[node];
  std::string name(search_space::op_name(primitive.op));
  if (primitive.op != Op::conv2d || primitive.groups == 1) return name;
  return name + (primitive.groups == graph.input_channels(primitive) ? " depthwise" : " grouped");
}

void compare_node(const evaluators::IntegerNetwork& network, int node, search_space::Random& random,
                  Differences& differences) {
  std::string bytes;
  std::vector<std::int8_t> expected;
  for (int image = 0; image < 4; ++image) {
    std::vector<std::int8_t> inputs[2];
    for (int i = 0; i < 2; ++i) {
      const int from = network.graph.nodes[node].inputs[i];
      if (from >= 0) inputs[i] = random_values(network.graph.nodes[from].output.elements(), random);
      bytes.append(reinterpret_cast<const char*>(inputs[i].data()), inputs[i].size());
    }
    const auto output = network.run_node(node, inputs[0], inputs[1]);
    expected.insert(expected.end(), output.begin(), output.end());
  }
  const samples::File file("model.tflite", tflite_node(network, node));
  const std::string found = run_model(lite_rt(), file.path(), {}, bytes);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) ++differences[static_cast<std::int8_t>(found[i]) - expected[i]];
}

}  // namespace

TEST_CASE("every operator in LiteRT puts out what the integer network does, or one step beside it", "[tflite]") {
  // docs/integer_semantics.md states the same. XNNPACK rounds these once, in float; the others are the executor's.
  const std::set<std::string> a_step_beside = {
      "conv2d", "conv2d depthwise", "conv2d grouped", "linear", "multiply", "scale", "concat"};
  const auto data = fixtures::random_data(64, 10);
  std::map<std::string, Differences> differences;
  std::map<std::string, int> cases;
  search_space::Random random(3);
  for (const std::string& name : samples::names()) {
    if (!name.starts_with("kind:")) continue;
    const auto integers = evaluators::integer_network(samples::network(name), data);
    std::set<std::string> seen;  // one of each operator of a network
    for (int node = 1; node <= integers.logits(); ++node) {
      const std::string kind = kind_of(integers.graph, node);
      if (kind == "identity" || !seen.insert(kind).second || ++cases[kind] > 2) continue;
      INFO(name << ", " << integers.graph.full_name(node));
      compare_node(integers, node, random, differences[kind]);
    }
  }
  CHECK(differences.size() == 18);
  for (const auto& [kind, found] : differences) {
    int all = 0, beside = 0;
    for (const auto& [steps, count] : found) {
      INFO(kind << ", " << steps << " steps");
      CHECK(std::abs(steps) <= (a_step_beside.contains(kind) ? 1 : 0));
      all += count;
      beside += steps != 0 ? count : 0;
    }
    INFO(kind << ": " << beside << " of " << all << " values are a step beside");
    CHECK(beside < 0.2 * all);
  }
}

TEST_CASE("what TensorFlow Lite cannot say is refused with a remedy", "[tflite]") {
  search_space::GraphBuilder builder({4, 6, 6}, 2);
  builder.enter("stem", -1, -1, 0);
  builder.softmax(
      builder.linear("dense", builder.global_avg_pool("mean", builder.avg_pool("pool", 0, 3, 2, 1, false)), 2));
  evaluators::FloatNetwork network{std::move(builder).finish(), {}};
  network.nodes.resize(network.graph.nodes.size());
  CHECK_THROWS_WITH(tflite_float("x", network, {}), Catch::Contains("stem.pool") && Catch::Contains("onnx"));
}
