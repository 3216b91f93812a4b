// TensorFlow Lite's integer arithmetic: its fixed point, every primitive against exact reals, whole networks.
#include "evaluators/integer_network.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "evaluators/integer_conversion.h"
#include "evaluators/integer_execution.h"
#include "evaluators/quantisation.h"
#include "evaluators/trained_evaluator.h"
#include "evaluators/training.h"
#include "evaluators/weights.h"
#include "network_fixtures.h"
#include "search_space/graph_builder.h"
#include "search_space/lowering.h"

using namespace evaluators;
using search_space::GraphBuilder;
using search_space::Op;

namespace {

// `node` of a network put together by hand on a 6 x 6 x 4 input, and its values for random ones, as reals.
struct Bench {
  IntegerNetwork network;
  std::vector<std::int8_t> first, second;

  double x(int i) const { return real(0, first[i]); }
  double y(int i) const { return real(1, second[i]); }
  double real(int node, int q) const { return network.nodes[node].scale * double(q - network.nodes[node].zero_point); }
};

// A graph whose node 1 is a second tensor and whose node 2 is the primitive under test.
template <typename Emit>
Bench bench(const Emit& emit, search_space::Shape second = {4, 6, 6}) {
  GraphBuilder builder({4, 6, 6}, 2);
  builder.enter("stem", -1, -1, 0);
  builder.relu(0);
  emit(builder);
  Bench result{{std::move(builder).finish(), {}}, {}, {}};
  result.network.graph.nodes[1].output = second;
  result.network.nodes = {{0.05f, 3, {}, {}, {}, {}}, {0.031f, -20, {}, {}, {}, {}}, {0.07f, -5, {}, {}, {}, {}}};
  search_space::Random random(5);
  for (auto* values : {&result.first, &result.second})
    for (int i = 0; i < 144; ++i) values->push_back(static_cast<std::int8_t>(random.below(256) - 128));
  return result;
}

// A factor in [1/4, 1/2) rounds to halves before it rounds to steps: half a step and a quarter.
constexpr double two_roundings = 0.76;

// Every value of node 2 lies within `steps` of what expected(i) says, where int8 can say it.
template <typename Expected>
void check(const Bench& bench, const Expected& expected, double steps = 0.51) {
  const auto found = bench.network.run_node(2, bench.first, bench.second);
  const IntegerNode& node = bench.network.nodes[2];
  REQUIRE(static_cast<std::int64_t>(found.size()) == bench.network.graph.nodes[2].output.elements());
  for (int i = 0; i < static_cast<int>(found.size()); ++i) {
    const double exact = std::clamp(expected(i) / node.scale + node.zero_point, -128.0, 127.0);
    INFO(i << ": " << int(found[i]) << " for " << exact);
    CHECK(std::abs(found[i] - exact) <= steps);
  }
}

}  // namespace

TEST_CASE("fixed point rounds as TensorFlow Lite does", "[integers]") {
  CHECK(fixed_point(0.5) == FixedPoint{1 << 30, 0});
  CHECK(fixed_point(1.0) == FixedPoint{1 << 30, 1});
  CHECK(fixed_point(0.0) == FixedPoint{});
  CHECK(fixed_point(1e-12) == FixedPoint{});
  CHECK(fixed_point(1e12) == FixedPoint{std::numeric_limits<std::int32_t>::max(), 30});
  CHECK(fixed_point(1 - 1e-12) == FixedPoint{1 << 30, 1});  // the mantissa rounds up to a power of two
  CHECK(rounding_shift(5, 1) == 3);                         // ties away from zero
  CHECK(rounding_shift(-5, 1) == -3);
  CHECK(rounding_shift(-6, 2) == -2);
  CHECK(rounding_shift(7, 0) == 7);
  CHECK(multiply(3, fixed_point(0.5)) == 2);
  CHECK(multiply(-3, fixed_point(0.5)) == -1);  // the first rounding is up at a negative tie, as gemmlowp's is
  // 4 is 2^3 times 1/2: the shift saturates before the product.
  CHECK(multiply(std::numeric_limits<std::int32_t>::max(), fixed_point(4)) == 1 << 30);
  search_space::Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const int x = random.below(1 << 24) - (1 << 23);
    const double factor = (random.below(1 << 20) + 1) / double(1 << 22);
    CHECK(std::abs(multiply(x, fixed_point(factor)) - x * factor) < 1.0);
  }
}

TEST_CASE("every primitive computes its real function within what its roundings allow", "[integers]") {
  SECTION("add") {
    Bench b = bench([](GraphBuilder& g) { g.add("n", 0, 1); });
    b.network.nodes[2].multiplier = addition_multipliers(0.05f, 0.031f, 0.07f);
    check(b, [&](int i) { return b.x(i) + b.y(i); });
  }
  SECTION("multiply") {
    Bench b = bench([](GraphBuilder& g) { g.multiply("n", 0, 1); });
    b.network.nodes[2].multiplier = {fixed_point(double(0.05f) * 0.031f / 0.07f)};
    check(b, [&](int i) { return b.x(i) * b.y(i); });
  }
  SECTION("multiply by one factor per channel") {
    Bench b = bench([](GraphBuilder& g) { g.multiply("n", 0, 1); }, {4, 1, 1});
    b.network.nodes[2].multiplier = {fixed_point(double(0.05f) * 0.031f / 0.07f)};
    check(b, [&](int i) { return b.x(i) * b.y(i % 4); });
  }
  SECTION("scale") {
    Bench b = bench([](GraphBuilder& g) { g.scale("n", 0); });
    b.network.nodes[2].weight = {127, -90, 3, 60};
    b.network.nodes[2].multiplier = {fixed_point(double(0.05f) * 0.01 / 0.07f)};
    check(b, [&](int i) { return b.x(i) * b.network.nodes[2].weight[i % 4] * 0.01; });
  }
  SECTION("concat") {
    Bench b = bench([](GraphBuilder& g) { g.concat("n", 0, 1); });
    b.network.nodes[2].multiplier = {fixed_point(double(0.05f) / 0.07f), fixed_point(double(0.031f) / 0.07f)};
    check(
        b, [&](int i) { return i % 8 < 4 ? b.x(i / 8 * 4 + i % 8) : b.y(i / 8 * 4 + i % 8 - 4); }, two_roundings);
  }
  SECTION("global_avg_pool") {
    Bench b = bench([](GraphBuilder& g) { g.global_avg_pool("n", 0); });
    b.network.nodes[2].scale = 0.004f;
    b.network.nodes[2].multiplier = {mean_multiplier(0.05f, 0.004f, 36)};
    check(b, [&](int c) {
      double sum = 0;
      for (int i = 0; i < 36; ++i) sum += b.x(i * 4 + c);
      return sum / 36;
    });
  }
  SECTION("pools, relu and upsampling keep the scale") {
    const auto position = [](int i) { return std::array{i / 12, i / 4 % 3, i % 4}; };  // of a 3 x 3 x 4 output
    for (const bool average : {true, false}) {
      Bench b = bench(
          [&](GraphBuilder& g) { average ? g.avg_pool("n", 0, 2, 2, 0, true) : g.max_pool("n", 0, 2, 2, 0, true); });
      b.network.nodes[2] = b.network.nodes[0];
      check(b, [&](int i) {
        const auto [y, x, c] = position(i);
        double sum = 0, largest = -1e9;
        for (const int at : {0, 4, 24, 28}) {
          const double value = b.x((2 * y * 6 + 2 * x) * 4 + c + at);
          sum += value / 4;
          largest = std::max(largest, value);
        }
        return average ? sum : largest;
      });
    }
    Bench up = bench([](GraphBuilder& g) { g.upsample_nearest("n", 0, 12, 12); });
    up.network.nodes[2] = up.network.nodes[0];
    check(
        up, [&](int i) { return up.x((i / 48 / 2 * 6 + i / 4 % 12 / 2) * 4 + i % 4); }, 1e-4);
    Bench relu = bench([](GraphBuilder& g) { g.relu(0); });
    relu.network.nodes[2] = relu.network.nodes[0];
    check(
        relu, [&](int i) { return std::max(0.0, relu.x(i)); }, 1e-4);
  }
  SECTION("slice and shuffle move channels") {
    Bench slice = bench([](GraphBuilder& g) { g.slice("n", 0, 1, 2); });
    slice.network.nodes[2] = slice.network.nodes[0];
    check(
        slice, [&](int i) { return slice.x(i / 2 * 4 + 1 + i % 2); }, 1e-4);
    Bench shuffle = bench([](GraphBuilder& g) { g.channel_shuffle("n", 0, 2); });
    shuffle.network.nodes[2] = shuffle.network.nodes[0];
    constexpr std::array from = {0, 2, 1, 3};
    check(
        shuffle, [&](int i) { return shuffle.x(i / 4 * 4 + from[i % 4]); }, 1e-4);
  }
  SECTION("activations") {
    for (const char* kind : {"sigmoid", "hard_sigmoid", "hard_swish"}) {
      Bench b = bench([&](GraphBuilder& g) { g.activation(kind, 0); });
      const bool swish = kind == std::string("hard_swish");
      if (!swish) b.network.nodes[2] = {1.0f / 256, -128, {}, {}, {}, {}};
      b.network.nodes[2].table = activation_table(b.network.graph.nodes[2].op, b.network.nodes[0], b.network.nodes[2]);
      check(
          b,
          [&](int i) {
            const double gate = std::clamp(b.x(i) / 6 + 0.5, 0.0, 1.0);
            return swish ? b.x(i) * gate : kind == std::string("sigmoid") ? 1 / (1 + std::exp(-b.x(i))) : gate;
          },
          swish ? 1.0 : 0.51);
    }
  }
}

TEST_CASE("convolutions of every grouping sum exactly and round at the end", "[integers]") {
  struct Case {
    int channels, kernel, stride, groups;
  };
  for (const Case& c : {Case{6, 3, 1, 1}, {8, 3, 2, 2}, {4, 5, 2, 4}, {5, 1, 1, 1}, {8, 3, 1, 4}}) {
    Bench b = bench([&](GraphBuilder& g) { g.conv("n", 0, c.channels, c.kernel, c.stride, c.groups, true); });
    IntegerNode& node = b.network.nodes[2];
    search_space::Random random(9);
    const int inputs = 4 / c.groups, outputs = c.channels / c.groups, side = c.kernel * c.kernel * inputs;
    for (int i = 0; i < c.channels * side; ++i)
      node.weight.push_back(static_cast<std::int8_t>(random.below(255) - 127));
    for (int i = 0; i < c.channels; ++i) {
      node.bias.push_back(random.below(4000) - 2000);
      node.multiplier.push_back(fixed_point(double(0.05f) * 0.001 * (i + 1) / node.scale));
    }
    const auto& shape = b.network.graph.nodes[2].output;
    check(b, [&](int i) {
      const int channel = i % c.channels, x = i / c.channels % shape.width, y = i / c.channels / shape.width;
      const double weight_scale = 0.001 * (channel + 1);
      double sum = node.bias[channel] * double(0.05f) * weight_scale;
      for (int dy = 0; dy < c.kernel; ++dy)
        for (int dx = 0; dx < c.kernel; ++dx)
          for (int k = 0; k < inputs; ++k) {
            const int from_y = y * c.stride - c.kernel / 2 + dy, from_x = x * c.stride - c.kernel / 2 + dx;
            if (from_y < 0 || from_y >= 6 || from_x < 0 || from_x >= 6) continue;
            sum += b.x((from_y * 6 + from_x) * 4 + channel / outputs * inputs + k) * weight_scale *
                   node.weight[channel * side + (dy * c.kernel + dx) * inputs + k];
          }
      return sum;
    });
  }
}

TEST_CASE("whole integer networks of every kind stay close to the float network", "[integers][laws]") {
  const DataSet data = fixtures::random_data(64, 10);
  for (const std::string& kind : fixtures::all_kinds()) {
    search_space::Random random(search_space::stream_seed(3, kind, "integers"));
    INFO("kind " << kind);
    const auto graph = search_space::lower(fixtures::architecture_of(kind, random));
    const Network network = fixtures::settled_network(graph, 11);
    const IntegerNetwork integers = integer_network(network, data);
    const auto exact = FoldedNetwork(network).forward(to_batch(data.train, 0, 32, data, at::kCPU));
    const double power = (exact - exact.mean()).square().mean().item<double>();
    double noise = 0;
    for (int i = 0; i < 32; ++i) {
      const auto logits = integers.run(quantised_image(integers, data, data.train, i));
      REQUIRE(static_cast<int>(logits.size()) == graph.classes);
      const IntegerNode& range = integers.nodes[integers.logits()];
      for (int c = 0; c < graph.classes; ++c) {
        const double real = double(range.scale) * (logits[c] - range.zero_point);
        noise += std::pow(real - exact[i][c].item<double>(), 2) / (32 * graph.classes);
      }
    }
    CHECK(noise < 0.2 * power);
  }
}

TEST_CASE("many images at once give the very integers of one by one", "[integers][laws]") {
  const DataSet data = fixtures::random_data(32, 10);
  for (const std::string& kind : fixtures::all_kinds()) {
    search_space::Random random(search_space::stream_seed(5, kind, "execution"));
    INFO("kind " << kind);
    const auto graph = search_space::lower(fixtures::architecture_of(kind, random));
    IntegerNetwork integers = integer_network(fixtures::settled_network(graph, 12), data);
    // Weights at their ends as well: sums beyond 2^24, which float32 does not carry, in the widest layers.
    for (const bool extreme : {false, true}) {
      if (extreme)
        for (IntegerNode& node : integers.nodes)
          for (std::int8_t& weight : node.weight) weight = weight < 0 ? -127 : 127;
      const IntegerExecution execution(integers);
      std::vector<std::vector<std::int8_t>> images, expected;
      for (int i = 0; i < 9; ++i) {
        images.push_back(quantised_image(integers, data, data.test, i));
        expected.push_back(integers.run(images.back()));
      }
      CHECK(execution.run(images) == expected);
    }
  }
}

TEST_CASE("sums that float32 does not carry are still exact", "[integers]") {
  search_space::GraphBuilder builder({2000, 2, 2}, 3);
  builder.enter("stem", -1, -1, 0);
  const int conv = builder.conv("wide", 0, 5, 1, 1, 1, true);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", conv), 3));
  IntegerNetwork network{std::move(builder).finish(), {}};
  network.nodes.resize(network.graph.nodes.size());
  search_space::Random random(4);
  for (int i = 1; i <= network.logits(); ++i) {
    const auto& node = network.graph.nodes[i];
    network.nodes[i].scale = 2.5f;
    const int inputs = network.graph.input_channels(node);
    if (node.op == search_space::Op::global_avg_pool) continue;
    // Half of them lead far beyond 2^24, the other half back.
    for (int k = 0; k < node.output.channels * inputs; ++k) {
      const int weight = 127 - random.below(2);
      network.nodes[i].weight.push_back(static_cast<std::int8_t>(k % inputs < inputs / 2 ? weight : -weight));
    }
    for (int c = 0; c < node.output.channels; ++c) network.nodes[i].bias.push_back(101 * c + 1);
    network.nodes[i].weight_scale.assign(node.output.channels, 0.05f);
  }
  fill_multipliers(network);
  std::vector<std::int8_t> image(8000);
  for (auto& value : image) value = static_cast<std::int8_t>(127 - random.below(3));
  network.nodes[0].zero_point = -128;  // half sums near 1000 * 255 * 127 = 3.2e7
  const std::vector<std::vector<std::int8_t>> images = {image, std::vector<std::int8_t>(8000, 127)};
  const IntegerExecution execution(network);
  CHECK(execution.run(images) == std::vector<std::vector<std::int8_t>>{network.run(images[0]), network.run(images[1])});
}

TEST_CASE("8-bit accuracies of full measurements are those of the exported program, image by image", "[integers]") {
  const DataSet data = fixtures::random_data(96, 10);
  search_space::Random random(8);
  const auto architecture = fixtures::architecture_of("vac", random);
  const Network network = fixtures::settled_network(search_space::lower(architecture), 5);
  TrainedEvaluatorSettings settings;
  settings.weight_bits = settings.activation_bits = 8;
  const std::string weights = to_safetensors(network.named_tensors());
  const FullResult result = evaluate_weights(architecture, data, settings, weights);
  REQUIRE(result.evaluation.outcome == Outcome::trained);
  const IntegerNetwork integers = integer_network(architecture, weights, "weights", data);
  int right = 0;
  for (int i = 0; i < data.test.size(); ++i) {
    const auto logits = integers.run(quantised_image(integers, data, data.test, i));
    const auto best = static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    CHECK(result.int8_test_predictions[i] == best);
    right += best == data.test.labels[i] ? 1 : 0;
  }
  CHECK(result.int8_test_accuracy == static_cast<double>(right) / data.test.size());
}
