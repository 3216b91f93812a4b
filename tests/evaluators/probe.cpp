// What the inquisitor sees of a network.
#include "evaluators/probe.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "network_fixtures.h"
#include "search_space/lowering.h"

using namespace evaluators;

namespace {

search_space::Architecture two_slots() {
  search_space::Architecture design;
  design.input = {3, 12, 12};
  design.classes = 5;
  design.stem = {{"conv", 8, 3, 1, "relu"}};
  for (int i = 0; i < 2; ++i)
    design.slots.push_back({0, 1, 8, {"conv", {{"kernel", 3}}}, search_space::Shortcut::residual, "relu"});
  return design;
}

const LayerEvidence& layer_of(const Evidence& evidence, const std::string& prefix) {
  for (const auto& layer : evidence.layers)
    if (layer.layer.starts_with(prefix)) return layer;
  FAIL("no layer " << prefix);
  return evidence.layers.front();
}

}  // namespace

TEST_CASE("a silent branch and a mute channel do not matter", "[probe]") {
  const auto graph = search_space::lower(two_slots());
  Network network = fixtures::settled_network(graph, 1);
  {
    at::NoGradGuard no_grad;
    for (auto& [name, tensor] : network.named_tensors()) {
      if (name.starts_with("stage1.slot2.conv") && (name.ends_with("bn.weight") || name.ends_with("bn.bias")))
        tensor.zero_();
      if (name.starts_with("stage1.slot1.conv") && (name.ends_with("bn.weight") || name.ends_with("bn.bias")))
        tensor[3].zero_();
    }
  }
  const Evidence evidence = probe(network, fixtures::random_data(64, 2));
  REQUIRE(evidence.slots.size() == 2);
  CHECK(evidence.slots[1].slot == 1);
  CHECK(evidence.slots[1].bypass_loss_change == 0.0);
  CHECK(evidence.slots[0].bypass_loss_change != 0.0);
  const auto& saliency = layer_of(evidence, "stage1.slot1.conv").saliency;
  CHECK(saliency[3] == 0.0f);
  CHECK(saliency[2] > 0.0f);
}

TEST_CASE("channels that repeat each other lower the effective rank", "[probe]") {
  const auto graph = search_space::lower(two_slots());
  Network varied = fixtures::settled_network(graph, 3), repeating = fixtures::settled_network(graph, 3);
  {
    at::NoGradGuard no_grad;
    auto tensors = repeating.named_tensors();
    for (auto& [name, tensor] : tensors)
      if (name.starts_with("stem.") && tensor.dim() > 0)
        for (int c = 1; c < 8; ++c) tensor[c].copy_(tensor[0]);
  }
  const DataSet data = fixtures::random_data(64, 4);
  const double alike = layer_of(probe(repeating, data), "stem").effective_rank;
  CHECK(alike == Approx(1.0 / 8).margin(0.01));
  CHECK(layer_of(probe(varied, data), "stem").effective_rank > 0.3);
}

TEST_CASE("an outlier among the weights costs signal-to-quantisation-noise", "[probe]") {
  const auto graph = search_space::lower(two_slots());
  Network network = fixtures::settled_network(graph, 5);
  const DataSet data = fixtures::random_data(64, 6);
  const double before = layer_of(probe(network, data), "stage1.slot2.conv").quantisation_snr_db;
  CHECK(before > 30);
  {
    at::NoGradGuard no_grad;
    for (auto& [name, tensor] : network.named_tensors())
      if (name.starts_with("stage1.slot2.conv") && tensor.dim() == 4) {
        // Channel 0 of the input is mute, so its huge weights only coarsen the steps of the others.
        tensor.select(1, 0).fill_(20);
      }
    auto tensors = network.named_tensors();
    for (const char* name : {"stem.conv1.bn.weight", "stem.conv1.bn.bias"}) tensors.at(name)[0].zero_();
    for (auto& [name, tensor] : tensors)
      if (name.starts_with("stage1.slot1.conv") && name.find(".bn.") != std::string::npos && !name.ends_with("var"))
        tensor[0].zero_();
  }
  CHECK(layer_of(probe(network, data), "stage1.slot2.conv").quantisation_snr_db < before - 10);
}

TEST_CASE("probing is repeatable and changes nothing", "[probe]") {
  const auto graph = search_space::lower(two_slots());
  Network network = fixtures::settled_network(graph, 7);
  const DataSet data = fixtures::random_data(300, 8);
  std::map<std::string, at::Tensor> before;
  for (const auto& [name, tensor] : network.named_tensors()) before[name] = tensor.detach().clone();
  const Evidence first = probe(network, data), second = probe(network, data);
  CHECK(first.probe_loss == second.probe_loss);
  for (std::size_t i = 0; i < first.layers.size(); ++i) CHECK(first.layers[i].saliency == second.layers[i].saliency);
  for (const auto& [name, tensor] : network.named_tensors()) {
    CHECK(at::equal(tensor, before.at(name)));
    CHECK(!tensor.grad().defined());
  }
}
