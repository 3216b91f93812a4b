// Rounding, ranges and degenerate channels of 8-bit networks.
#include "evaluators/quantisation.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "network_fixtures.h"
#include "search_space/graph_builder.h"

using namespace evaluators;
using search_space::Op;

namespace {

search_space::Graph small_graph() {
  search_space::GraphBuilder builder({3, 12, 12}, 5);
  builder.enter("stem", -1, -1, 0);
  const int stem = builder.conv_bn_relu("conv", 0, 8, 3);
  builder.enter("head", -1, -1, -1);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", stem), 5));
  return std::move(builder).finish();
}

int node_of(const search_space::Graph& graph, Op op) {
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i)
    if (graph.nodes[i].op == op) return i;
  return -1;
}

}  // namespace

TEST_CASE("weights are rounded to the nearest of 255 steps of their own channel", "[quantisation]") {
  const auto graph = small_graph();
  Network network = fixtures::settled_network(graph, 1);
  const FoldedNetwork folded(network);
  const QuantisedNetwork quantised(network, {8, 32}, fixtures::random_data(8, 1));
  const int conv = node_of(graph, Op::conv2d);
  const QuantisedLayer& layer = quantised.layers().at(conv);
  REQUIRE(layer.weight.dtype() == at::kChar);
  REQUIRE(layer.weight_scale.size() == 8);
  for (int channel = 0; channel < 8; ++channel) {
    const auto exact = folded.weight(conv)[channel];
    const auto integers = layer.weight[channel].to(at::kFloat);
    CHECK(integers.abs().max().item<float>() == 127.0f);
    const float scale = layer.weight_scale[channel];
    CHECK((integers * scale - exact).abs().max().item<float>() <= 0.5001f * scale);
  }
}

TEST_CASE("channels without weights and channels with tiny weights keep their bias", "[quantisation]") {
  const auto graph = small_graph();
  Network network = fixtures::settled_network(graph, 2);
  {
    at::NoGradGuard no_grad;
    auto tensors = network.named_tensors();
    tensors.at("stem.conv1.weight")[0].zero_();
    tensors.at("stem.conv1.weight")[1].mul_(1e-12);
    tensors.at("stem.conv1.bn.bias").fill_(0.7);
  }
  const auto data = fixtures::random_data(64, 2);
  const auto images = fixtures::random_images(graph, 4, 3);
  const auto exact = FoldedNetwork(network).forward(images);
  for (int activation_bits : {32, 8}) {
    const auto found = QuantisedNetwork(network, {8, activation_bits}, data).forward(images);
    CHECK(at::isfinite(found).all().item<bool>());
    CHECK((found - exact).abs().max().item<float>() < 0.1f);
  }
}

TEST_CASE("ranges contain zero exactly and end at zero after a relu", "[quantisation]") {
  const auto graph = small_graph();
  const QuantisedNetwork network(fixtures::settled_network(graph, 4), {8, 8}, fixtures::random_data(64, 4));
  const auto relu = network.activations().at(node_of(graph, Op::relu));
  CHECK(relu.zero_point == -128);
  CHECK(relu.scale > 0);
  // The convolution already puts out in the range of its relu.
  CHECK(network.activations().at(node_of(graph, Op::conv2d)).scale == relu.scale);
  const auto input = network.activations().at(0);
  CHECK(input.zero_point > -128);
  CHECK(input.zero_point < 127);
}

TEST_CASE("activations of 8 bits bring weights of 8 bits with them", "[quantisation]") {
  const auto graph = small_graph();
  const Network network = fixtures::settled_network(graph, 5);
  const auto data = fixtures::random_data(64, 5);
  const auto images = fixtures::random_images(graph, 4, 6);
  const auto found = QuantisedNetwork(network, {32, 8}, data).forward(images);
  CHECK(at::equal(found, QuantisedNetwork(network, {8, 8}, data).forward(images)));
}

TEST_CASE("quantising leaves the network as it is", "[quantisation]") {
  const auto graph = small_graph();
  Network network = fixtures::settled_network(graph, 7);
  const auto images = fixtures::random_images(graph, 4, 8);
  at::NoGradGuard no_grad;
  const auto before = network.forward(images, false);
  const QuantisedNetwork quantised(network, {8, 8}, fixtures::random_data(64, 8));
  CHECK(at::equal(network.forward(images, false), before));
}
