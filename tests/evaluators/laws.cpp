// Laws that every registered module kind must obey once it is lowered; a new kind is tested with no new test code.
#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "evaluators/folded_network.h"
#include "evaluators/inheritance.h"
#include "evaluators/probe.h"
#include "evaluators/quantisation.h"
#include "integer_reference.h"
#include "network_fixtures.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"

using namespace evaluators;
using search_space::Random;

namespace {

constexpr int draws = 3;

// Calls law(graph) for sampled designs of every kind.
template <typename Law>
void for_all_kinds(const Law& law) {
  for (const std::string& kind : fixtures::all_kinds()) {
    Random random(search_space::stream_seed(1, kind, "laws"));
    for (int draw = 0; draw < draws; ++draw) {
      const auto architecture = fixtures::architecture_of(kind, random);
      INFO("kind " << kind << ", draw " << draw);
      law(search_space::lower(architecture));
    }
  }
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace

TEST_CASE("every node puts out the predicted shape and holds the predicted parameters", "[laws]") {
  for_all_kinds([](const search_space::Graph& graph) {
    Network network = fixtures::settled_network(graph, 3);
    const auto published = search_space::cost_of(graph, search_space::Counting::published);
    std::int64_t parameters = 0;
    for (const auto& parameter : network.parameters()) parameters += parameter.numel();
    CHECK(parameters == published.parameters());
    at::NoGradGuard no_grad;
    network.forward_with_hook(fixtures::random_images(graph, 2, 5), false, [&graph](int node, at::Tensor& value) {
      const auto& shape = graph.nodes[node].output;
      CHECK(value.sizes() == at::IntArrayRef({2, shape.channels, shape.height, shape.width}));
    });
  });
}

TEST_CASE("folding batch norm changes no output and leaves the folded count of parameters", "[laws]") {
  for_all_kinds([](const search_space::Graph& graph) {
    Network network = fixtures::settled_network(graph, 4);
    at::NoGradGuard no_grad;
    const auto images = fixtures::random_images(graph, 4, 6);
    const FoldedNetwork folded(network);
    const auto expected = network.forward(images, false);
    CHECK(largest_difference(folded.forward(images), expected) < 1e-3 * (1 + expected.abs().max().item<double>()));
    std::int64_t parameters = 0;
    for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i)
      for (const auto* tensor : {&folded.weight(i), &folded.bias(i)})
        if (tensor->defined()) parameters += tensor->numel();
    CHECK(parameters == search_space::cost_of(graph).parameters());
  });
}

TEST_CASE("8-bit execution computes what plain integers compute, bit for bit", "[laws]") {
  const DataSet data = fixtures::random_data(64, 7);
  for_all_kinds([&data](const search_space::Graph& graph) {
    const QuantisedNetwork network(fixtures::settled_network(graph, 8), {8, 8}, data);
    const auto images = fixtures::random_images(graph, 2, 9);
    const auto logits = network.forward(images);
    for (int i = 0; i < 2; ++i) {
      const auto image = images[i].contiguous();
      const auto expected =
          fixtures::integer_logits(network, {image.data_ptr<float>(), image.data_ptr<float>() + image.numel()});
      REQUIRE(static_cast<int>(expected.size()) == graph.classes);
      for (int c = 0; c < graph.classes; ++c) CHECK(logits[i][c].item<float>() == expected[c]);
    }
  });
}

TEST_CASE("8-bit weights and activations stay close to the float network", "[laws]") {
  const DataSet data = fixtures::random_data(64, 10);
  for_all_kinds([&data](const search_space::Graph& graph) {
    const Network network = fixtures::settled_network(graph, 11);
    const auto images = fixtures::random_images(graph, 16, 12);
    const auto exact = FoldedNetwork(network).forward(images);
    const double power = (exact - exact.mean()).square().mean().item<double>();
    const auto noise = [&](Precision precision) {
      return (QuantisedNetwork(network, precision, data).forward(images) - exact).square().mean().item<double>();
    };
    CHECK(noise({32, 32}) == 0.0);
    CHECK(noise({8, 32}) < 0.01 * power);
    CHECK(noise({8, 8}) < 0.2 * power);
  });
}

TEST_CASE("a child of the same design inherits everything and computes the same function", "[laws]") {
  for_all_kinds([](const search_space::Graph& graph) {
    Network parent = fixtures::settled_network(graph, 13);
    Network child(graph, 14);
    CHECK(inherit(child, graph, parent.named_tensors(), {}).fraction == 1.0);
    at::NoGradGuard no_grad;
    const auto images = fixtures::random_images(graph, 4, 15);
    CHECK(largest_difference(child.forward(images, false), parent.forward(images, false)) == 0.0);
  });
}

TEST_CASE("probing describes every layer of every kind", "[laws]") {
  const DataSet data = fixtures::random_data(32, 16);
  for_all_kinds([&data](const search_space::Graph& graph) {
    Network network = fixtures::settled_network(graph, 17);
    const Evidence evidence = probe(network, data);
    std::size_t layer = 0;
    for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
      const auto& node = graph.nodes[i];
      if (node.op != search_space::Op::conv2d && node.op != search_space::Op::linear) continue;
      REQUIRE(layer < evidence.layers.size());
      const LayerEvidence& found = evidence.layers[layer++];
      CHECK(found.layer == graph.full_name(i));
      CHECK(found.slot == node.slot);
      CHECK(static_cast<int>(found.saliency.size()) == node.output.channels);
      CHECK(found.effective_rank > 0);
      CHECK(found.effective_rank <= 1);
      CHECK(found.quantisation_snr_db > 20);
    }
    CHECK(layer == evidence.layers.size());
    CHECK(evidence.probe_loss > 0);
  });
}
