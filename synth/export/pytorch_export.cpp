// PyTorch: a Python file that people read and train on with, and the weights beside it.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluators/network.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/export/formats.h"
#include "synth/export/python_source.h"
#include "synth/export/runtime.h"
#include "synth/export/verification.h"

namespace synth {
namespace {

using search_space::Graph;
using search_space::Op;

constexpr auto replace_bad = nlohmann::json::error_handler_t::replace;  // what is not UTF-8

constexpr std::string_view head = R"("""A network found by synth. load() reads the weights that lie beside this file.

Input: images [batch, channels, height, width], normalised. Output: logits [batch, classes].
"""
import json
import pathlib
import struct

import torch
from torch import nn
from torch.nn import functional

WEIGHTS = pathlib.Path(__file__).with_suffix(".safetensors")
)";

constexpr std::string_view tail = R"(

def read(path):
    """The header of a safetensors file, and its tensors' bytes."""
    blob = pathlib.Path(path).read_bytes()
    start = 8 + struct.unpack("<Q", blob[:8])[0]
    return json.loads(blob[8:start]), blob[start:]


def attribute(name):
    """Where the network keeps the tensor "stage1.slot2.vac.down.weight": at stage1_slot2_vac_down.weight."""
    layer, _, part = name.rpartition(".")
    return layer.replace(".", "_") + "." + part


def load(path=WEIGHTS):
    """The network with its weights, for inference; train() prepares it to be trained on."""
    network = Network()
    header, blob = read(path)
    values = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        values[attribute(name)] = torch.frombuffer(bytearray(blob[first:last]), dtype=torch.float32).view(entry["shape"])
    missing = network.load_state_dict(values, strict=False).missing_keys
    assert all(name.endswith("num_batches_tracked") for name in missing), f"{path} lacks {missing}"
    return network.eval()


def save(network, path):
    """The weights as `synth evaluate` and `synth export` read them with --weights."""
    header, blob, values = {}, b"", network.state_dict()
    for name, entry in read(WEIGHTS)[0].items():
        part = values[attribute(name)].cpu().contiguous().numpy().tobytes()
        header[name] = {**entry, "data_offsets": [len(blob), len(blob) + len(part)]}
        blob += part
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + blob)
)";

constexpr std::string_view scale = R"(

class Scale(nn.Module):
    """A learned factor per channel."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        return x * self.scale[:, None, None]
)";

// "nn.Conv2d(...)", or empty for a node without parameters.
std::string constructor(const Graph& graph, int index) {
  const auto& node = graph.nodes[index];
  const int out = node.output.channels;
  switch (node.op) {
    case Op::conv2d:
      return fmt::format("nn.Conv2d({}, {}, {}, {}, {}, groups={}, bias={})", graph.input_channels(node), out,
                         node.kernel, node.stride, node.padding, node.groups, node.bias ? "True" : "False");
    case Op::linear:
      return fmt::format("nn.Linear({}, {})", graph.nodes[node.inputs[0]].output.elements(), out);
    case Op::batch_norm:
      return fmt::format("nn.BatchNorm2d({}, eps={:g})", out, evaluators::batch_norm_epsilon);
    case Op::scale:
      return fmt::format("Scale({})", out);
    default:
      return {};
  }
}

std::string python_source(const ExportInput& input) {
  const Graph graph = search_space::lower(input.architecture);
  PythonSpelling spelling;
  spelling.functions = "functional";
  spelling.upsample = "functional.interpolate";
  spelling.layer = [&graph](int index, const std::string& x) {
    return fmt::format("self.{}({})", python_name(graph, index), x);
  };
  auto facts = input.facts;
  facts["name"] = search_space::printable(input.name);
  std::string text(head);
  bool scales = false;
  std::string layers;
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    scales = scales || graph.nodes[i].op == Op::scale;
    if (const std::string made = constructor(graph, i); !made.empty())
      layers += fmt::format("        self.{} = {}\n", python_name(graph, i), made);
  }
  // JSON's strings are Python's, too, as long as they are ASCII.
  text += fmt::format("ABOUT = {}\n", nlohmann::json(facts).dump(4, ' ', /*ensure_ascii=*/true, replace_bad));
  if (scales) text += scale;
  text += "\n\nclass Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n" + layers + "\n";
  return text + python_forward(graph, spelling, "    ") + std::string(tail);
}

std::vector<ExportFile> write(const ExportInput& input, const std::string& path) {
  const std::filesystem::path weights = std::filesystem::path(path).replace_extension(".safetensors");
  if (weights == path)
    throw search_space::InputError(
        fmt::format("--out: '{}' is to hold Python, with the weights beside it in a file of that name; call it '{}'",
                    path, std::filesystem::path(path).replace_extension(".py").string()));
  trained_network(input);  // refuses what does not fit
  return {{path, python_source(input)}, {weights.string(), *input.weights}};
}

Verification verify(const ExportInput& input, const std::string& path) {
  return compare_logits(input, pytorch(), path, 1e-5);
}

}  // namespace

ExportFormat pytorch_format() {
  return {"pytorch",
          "py",
          "a readable Python file that defines the network, and its weights beside it; verified in PyTorch",
          Needs::weights,
          write,
          verify,
          /*verifies_on_images=*/true};
}

}  // namespace synth
