// Laws of the executor over every registered module kind, and of its parameters.
#include "evaluators/network.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "evaluators/batches.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"
#include "search_space/module.h"
#include "search_space/random.h"

using evaluators::Network;
using search_space::Architecture;
using search_space::Graph;
using search_space::ModuleType;
using search_space::Random;
using torch::Tensor;

namespace {

// Two slots of one kind with drawn parameters, the first at `stride`; empty slots where the kind cannot serve.
Architecture sample(const ModuleType& type, int stride, Random& random) {
  Architecture result{{3, 13, 13}, 5, {{"conv", 16, 3, 1, "relu"}}, {}, {}};
  search_space::Shape shape{16, 13, 13};
  for (int i = 0; i < 2; ++i) {
    search_space::Slot slot;
    slot.stride = i == 0 ? stride : 1;
    slot.width = slot.stride == 2 ? 32 : shape.channels;
    const search_space::ModuleContext context{shape, slot.width, slot.stride, 4};
    if (!type.why_not(context).empty()) return {};
    slot.module.kind = type.name();
    for (const auto& parameter : type.decisions(context))
      slot.module.parameters.push_back(
          {parameter.name, parameter.domain[random.below(static_cast<int>(parameter.domain.size()))]});
    // Groups must divide the drawn widths.
    for (const auto& parameter : type.decisions(context)) {
      if (parameter.role != search_space::ParameterSpec::Role::groups) continue;
      std::vector<int> widths;
      for (const auto& name : parameter.divides) widths.push_back(name == "in" ? shape.channels : slot.module.at(name));
      for (auto& drawn : slot.module.parameters)
        if (drawn.name == parameter.name) drawn.value = search_space::largest_common_divisor(widths, drawn.value);
    }
    result.slots.push_back(slot);
    shape = {slot.width, (shape.height + slot.stride - 1) / slot.stride, (shape.width + slot.stride - 1) / slot.stride};
  }
  return result;
}

Tensor images(const Graph& graph, int count) {
  at::manual_seed(1);
  return at::randn({count, graph.input().channels, graph.input().height, graph.input().width})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

std::int64_t elements(const std::vector<Tensor>& tensors) {
  std::int64_t sum = 0;
  for (const Tensor& tensor : tensors) sum += tensor.numel();
  return sum;
}

std::vector<Tensor> gradients(Network& network, const Tensor& x, bool fused) {
  const Tensor logits = fused ? network.forward(x, true) : network.forward_with_hook(x, true, [](int, Tensor&) {});
  const Tensor loss = at::cross_entropy_loss(logits, at::arange(x.size(0)).remainder(5));
  loss.backward();
  std::vector<Tensor> result;
  for (Tensor& parameter : network.parameters()) {
    result.push_back(parameter.grad().clone());
    parameter.mutable_grad() = Tensor();
  }
  return result;
}

template <typename Check>
void for_sampled_graphs(Check check) {
  Random random(7);
  int checked = 0;
  for (const ModuleType* type : search_space::module_registry())
    for (int stride : {1, 2})
      for (int draw = 0; draw < 3; ++draw) {
        const Architecture architecture = sample(*type, stride, random);
        if (architecture.slots.empty()) continue;
        INFO(type->name() << " at stride " << stride << ", draw " << draw);
        check(search_space::lower(architecture));
        ++checked;
      }
  CHECK(checked >= 3 * static_cast<int>(search_space::module_registry().size()));
}

}  // namespace

TEST_CASE("predicted shapes are LibTorch's for every module kind") {
  for_sampled_graphs([](const Graph& graph) {
    Network network(graph, 1);
    int nodes = 0;
    const Tensor logits = network.forward_with_hook(images(graph, 2), false, [&](int index, Tensor& output) {
      const auto& shape = graph.nodes[index].output;
      CHECK(output.sizes() == torch::IntArrayRef({2, shape.channels, shape.height, shape.width}));
      ++nodes;
    });
    CHECK(nodes == static_cast<int>(graph.nodes.size()));
    CHECK(logits.sizes() == torch::IntArrayRef({2, graph.classes}));
  });
}

TEST_CASE("predicted parameters are the sum over LibTorch's tensors for every module kind") {
  for_sampled_graphs([](const Graph& graph) {
    const Network network(graph, 1);
    CHECK(search_space::cost_of(graph, search_space::Counting::published).parameters() ==
          elements(network.parameters()));
  });
}

TEST_CASE("fused and plain execution agree in outputs and gradients for every module kind") {
  for_sampled_graphs([](const Graph& graph) {
    Network network(graph, 1), twin(graph, 1);
    const Tensor x = images(graph, 4);
    const auto found = gradients(network, x, true), expected = gradients(twin, x, false);
    // Whole gradients are compared: a ReLU whose input is zero but for rounding may fall to either side.
    double difference = 0, length = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      difference += (found[i] - expected[i]).square().sum().item<double>();
      length += expected[i].square().sum().item<double>();
    }
    CHECK(std::sqrt(difference / length) < 2e-3);
    at::NoGradGuard no_grad;
    const Tensor plain = twin.forward_with_hook(x, false, [](int, Tensor&) {});
    CHECK(at::allclose(network.forward(x, false), plain, 1e-3, 1e-4));
  });
}

TEST_CASE("bfloat16 images are computed in bfloat16 and stay near float32") {
  if (!evaluators::cpu_has_bf16()) {
    WARN("skipped: this processor, or the environment, has no bfloat16, and then nothing is computed in it");
    return;
  }
  for_sampled_graphs([](const Graph& graph) {
    Network network(graph, 1);
    at::NoGradGuard no_grad;
    const Tensor x = images(graph, 8), exact = network.forward(x, false);
    const Tensor rounded = network.forward(x.to(torch::kBFloat16), false);
    CHECK(rounded.scalar_type() == torch::kFloat32);
    CHECK((rounded - exact).abs().max().item<double>() < 0.05 * exact.abs().max().item<double>() + 0.05);
  });
}

TEST_CASE("parameters have stable names and share the network's storage") {
  Random random(3);
  const Graph graph = search_space::lower(sample(search_space::module_type("vac"), 2, random));
  Network network(graph, 1);
  auto named = network.named_tensors();
  for (const char* name : {"stem.conv1.weight", "stem.conv1.bn.running_var", "stage1.slot1.vac.down.weight",
                           "stage1.slot1.vac.down.bn.weight", "stage1.slot1.shortcut.conv.weight", "head.dense.weight",
                           "head.dense.bias"}) {
    CAPTURE(name);
    CHECK(named.count(name) == 1);
  }
  std::int64_t trainable = 0;
  for (const auto& [name, tensor] : named)
    if (tensor.requires_grad()) trainable += tensor.numel();
  CHECK(trainable == elements(network.parameters()));
  const Tensor x = images(graph, 2);
  at::NoGradGuard no_grad;
  named.at("head.dense.weight").zero_();
  named.at("head.dense.bias").fill_(3.0);
  CHECK(at::equal(network.forward(x, false), at::full({2, 5}, 3.0)));
}

TEST_CASE("the seed alone decides the initial parameters") {
  Random random(3);
  const Graph graph = search_space::lower(sample(search_space::module_type("pepe"), 1, random));
  const auto first = Network(graph, 5).parameters();
  at::manual_seed(99);  // the global generator has no say
  const auto same = Network(graph, 5).parameters(), other = Network(graph, 6).parameters();
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(at::equal(first[i], same[i]));
  CHECK_FALSE(at::equal(first[0], other[0]));
}
