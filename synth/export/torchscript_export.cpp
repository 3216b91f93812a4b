// TorchScript: the forward pass compiled from its source, with the folded parameters as attributes.
#include <fmt/format.h>
#include <torch/script.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "evaluators/folded_network.h"
#include "evaluators/network.h"
#include "synth/export/formats.h"
#include "synth/export/python_source.h"
#include "synth/export/runtime.h"
#include "synth/export/verification.h"

namespace synth {
namespace {

using search_space::Graph;
using search_space::Op;

PythonSpelling spelling_of(const Graph& graph) {
  PythonSpelling spelling;
  spelling.functions = "torch";
  spelling.upsample = "torch.upsample_nearest2d";
  spelling.layer = [&graph](int index, const std::string& x) {
    const auto& node = graph.nodes[index];
    const std::string name = "self." + python_name(graph, index);
    if (node.op == Op::scale) return fmt::format("{} * {}_weight", x, name);
    if (node.op == Op::linear) return fmt::format("torch.linear({0}, {1}_weight, {1}_bias)", x, name);
    return fmt::format("torch.conv2d({0}, {1}_weight, {1}_bias, [{2}, {2}], [{3}, {3}], [1, 1], {4})", x, name,
                       node.stride, node.padding, node.groups);
  };
  return spelling;
}

torch::jit::Module module_of(const evaluators::FoldedNetwork& network) {
  const Graph& graph = network.graph();
  torch::jit::Module module("Network");
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    const auto add = [&](const char* part, const torch::Tensor& tensor) {
      if (tensor.defined())
        module.register_parameter(python_name(graph, i) + part, tensor.detach().clone(), /*is_buffer=*/false);
    };
    const auto& weight = network.weight(i);
    add("_weight", graph.nodes[i].op == Op::scale ? weight.view({-1, 1, 1}) : weight);
    add("_bias", network.bias(i));
  }
  module.define(python_forward(graph, spelling_of(graph), ""));
  module.eval();
  return module;
}

std::vector<ExportFile> write(const ExportInput& input, const std::string& path) {
  const evaluators::FoldedNetwork network(trained_network(input));
  std::ostringstream bytes;
  const nlohmann::json facts = input.facts;
  module_of(network).save(bytes,
                          {{"synth.json", facts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}});
  return {{path, bytes.str()}};
}

Verification verify(const ExportInput& input, const std::string& path) {
  return compare_logits(input, pytorch(), path, 1e-5);
}

}  // namespace

ExportFormat torchscript_format() {
  return {"torchscript",
          "pt",
          "TorchScript, float, batch norm folded; verified in PyTorch",
          Needs::weights,
          write,
          verify,
          /*verifies_on_images=*/true};
}

}  // namespace synth
