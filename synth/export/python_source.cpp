// A value that the next line reads and no other is called x; the others have the names of their nodes.
#include "synth/export/python_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "search_space/errors.h"

namespace synth {

using search_space::Graph;
using search_space::Node;
using search_space::Op;

namespace {

const char* python_bool(bool value) {
  return value ? "True" : "False";
}

std::string window(const Node& node) {
  return fmt::format("[{0}, {0}], [{1}, {1}], [{2}, {2}]", node.kernel, node.stride, node.padding);
}

std::string expression(const Graph& graph, int index, const PythonSpelling& spelling, const std::string& x,
                       const std::string& y) {
  const Node& node = graph.nodes[index];
  const std::string& f = spelling.functions;
  switch (node.op) {
    case Op::conv2d:
    case Op::batch_norm:
    case Op::scale:
      return spelling.layer(index, x);
    case Op::linear:
      return spelling.layer(index, fmt::format("torch.flatten({}, 1)", x));
    case Op::relu:
      return fmt::format("torch.relu({})", x);
    case Op::sigmoid:
      return fmt::format("torch.sigmoid({})", x);
    case Op::hard_swish:
      return fmt::format("{}.hardswish({})", f, x);
    case Op::hard_sigmoid:
      return fmt::format("{}.hardsigmoid({})", f, x);
    case Op::max_pool:
      return fmt::format("{}.max_pool2d({}, {}, [1, 1], {})", f, x, window(node), python_bool(node.ceil_mode));
    case Op::avg_pool:
      return fmt::format("{}.avg_pool2d({}, {}, {}, False)", f, x, window(node), python_bool(node.ceil_mode));
    case Op::global_avg_pool:
      return fmt::format("torch.mean({}, [2, 3], True)", x);
    case Op::upsample_nearest:
      return fmt::format("{}({}, [{}, {}])", spelling.upsample, x, node.output.height, node.output.width);
    case Op::multiply:
      return fmt::format("{} * {}", x, y);
    case Op::add:
      return fmt::format("{} + {}", x, y);
    case Op::concat:
      return fmt::format("torch.cat([{}, {}], 1)", x, y);
    case Op::slice:
      return fmt::format("torch.narrow({}, 1, {}, {})", x, node.first_channel, node.output.channels);
    case Op::channel_shuffle:
      return fmt::format("torch.channel_shuffle({}, {})", x, node.groups);
    default:
      throw search_space::InputError(graph.full_name(index) + ": PyTorch is not given the primitive " +
                                     std::string(search_space::op_name(node.op)) +
                                     "; export --format architecture and weights instead");
  }
}

}  // namespace

std::string python_name(const Graph& graph, int node) {
  std::string name = graph.full_name(node);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::string python_forward(const Graph& graph, const PythonSpelling& spelling, const std::string& indent) {
  const int logits = graph.nodes.back().inputs[0];
  const auto uses = graph.use_counts();
  std::vector<std::string> values = {"image"};
  std::string text = indent + "def forward(self, image):\n";
  for (int i = 1; i <= logits; ++i) {
    const Node& node = graph.nodes[i];
    const auto [first, second] = node.inputs;
    if (node.op == Op::identity) {
      values.push_back(values[first]);
      continue;
    }
    const auto& next = graph.nodes[i + 1].inputs;
    const bool passing = uses[i] == 1 && (next[0] == i || next[1] == i) && graph.nodes[i + 1].op != Op::identity;
    values.push_back(passing ? "x" : python_name(graph, i));
    text += fmt::format("{}    {} = {}\n", indent, values[i],
                        expression(graph, i, spelling, values[first], second < 0 ? "" : values[second]));
  }
  return text + fmt::format("{}    return torch.flatten({}, 1)\n", indent, values[logits]);
}

}  // namespace synth
