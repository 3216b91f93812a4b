// One call per primitive.
#include "synth/export/c_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "search_space/deployment.h"
#include "synth/export/c_layers.h"

namespace synth::c_export {

using evaluators::FixedPoint;
using evaluators::IntegerNetwork;
using evaluators::IntegerNode;
using search_space::Node;
using search_space::Op;
using search_space::Shape;

template <typename Number>
std::string array_text(const std::string& declaration, const std::vector<Number>& values) {
  std::string text = fmt::format("{}[{}] = {{", declaration, values.size());
  std::size_t line = text.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string number = fmt::format("{}{}", values[i], i + 1 < values.size() ? "," : "");
    if (line + number.size() > 118) {
      text += "\n  ";
      line = 2;
    }
    text += number;
    line += number.size();
  }
  return text + "};\n";
}
template std::string array_text(const std::string&, const std::vector<std::int8_t>&);
template std::string array_text(const std::string&, const std::vector<std::int32_t>&);

namespace {

std::string factor_text(const FixedPoint& factor) {
  return fmt::format("{{{}, {}}}", factor.multiplier, factor.shift);
}

class Writer {
 public:
  explicit Writer(const IntegerNetwork& network) : network_(network) {}

  Program program() {
    result_.plan = plan();
    for (int index : result_.plan.order) add(index);
    return std::move(result_);
  }

 private:
  search_space::ArenaPlan plan() const;
  void add(int index);
  void add_layer(int index);
  void add_window(int index);
  void add_table(int index);
  void add_sum(int index);
  void add_product(int index);
  void add_concat(int index);

  const Node& node(int index) const { return network_.graph.nodes[index]; }
  const Shape& shape(int index) const { return node(index).output; }
  int zero(int index) const { return network_.nodes[index].zero_point; }

  std::string place(int index, const char* constant = "") const {
    const int target = index;
    if (target == network_.logits()) return "output";
    int origin = target;
    while (is_alias(origin)) origin = node(origin).inputs[0];
    return origin == 0 ? std::string(constant) + "input" : fmt::format("arena + {}", result_.plan.offset[target]);
  }
  // A relu whose input cannot lie below its zero point does nothing.
  bool is_alias(int index) const {
    return node(index).op == Op::identity || (node(index).op == Op::relu && zero(index) == -128);
  }

  template <typename Number>
  void constant(const std::string& type, const std::string& name, const std::vector<Number>& values) {
    result_.constants += array_text(fmt::format("static const {} {}", type, name), values);
    result_.constant_bytes += static_cast<std::int64_t>(values.size() * sizeof(Number));
  }
  std::string local_factor(int index, std::size_t which) {
    const std::string name = fmt::format("factor{}_{}", index, which);
    result_.kernels.insert("factor");
    result_.constants += fmt::format("static const struct factor {} = {};\n", name,
                                     factor_text(network_.nodes[index].multiplier[which]));
    result_.constant_bytes += 8;
    return name;
  }
  void call(const char* kernel, const std::string& arguments) {
    static const std::set<std::string> rounding = {"add", "multiply", "scale", "concat"};
    if (rounding.contains(kernel)) result_.kernels.insert({"factor", "rounding"});
    result_.kernels.insert(kernel);
    result_.calls += fmt::format("  {}({});\n", kernel, arguments);
  }

  const IntegerNetwork& network_;
  Program result_;
};

search_space::ArenaPlan Writer::plan() const {
  search_space::Graph graph = network_.graph;
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i)
    if (is_alias(i)) graph.nodes[i].op = Op::identity;
  return search_space::plan_arena(graph, search_space::scratch_bytes(graph));
}

void Writer::add_layer(int index) {
  const Node& own = node(index);
  const Shape& in = shape(own.inputs[0]);
  const Layer layer = layer_of(network_, index);
  constant("int8_t", fmt::format("weight{}", index), layer.weight);
  constant("int32_t", fmt::format("bias{}", index), layer.bias);
  constant("int32_t", fmt::format("multiplier{}", index), layer.multiplier);
  constant("int8_t", fmt::format("down{}", index), layer.down);
  result_.constants += fmt::format(
      "static const struct convolution layer{0} = {{weight{0}, bias{0}, multiplier{0}, down{0},\n"
      "  {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}, {10}, {11}, {12}, {13}}};\n",
      index, in.height, in.width, in.channels, own.output.height, own.output.width, own.output.channels, own.groups,
      own.kernel, own.stride, own.padding, zero(own.inputs[0]), zero(index), layer.plain ? 1 : 0);
  result_.kernels.insert("convolution");
  if (layer.depthwise)
    result_.largest_depthwise = std::max(result_.largest_depthwise, own.kernel);
  else
    result_.kernels.insert("matmul");
  if (layer.gathers) result_.largest_patch = std::max(result_.largest_patch, layer.quads * 4);
  const std::int64_t scratch = result_.plan.scratch_offset[index];
  std::string room = "0";
  if (layer.gathers) room = fmt::format("PATCHES({})", scratch);
  if (layer.depthwise) room = fmt::format("arena + {}", scratch);
  call(layer.depthwise ? "depthwise" : "conv2d",
       fmt::format("&layer{}, {}, {}, {}", index, place(own.inputs[0]), place(index), room));
}

void Writer::add_window(int index) {
  const Node& own = node(index);
  const Shape& in = shape(own.inputs[0]);
  result_.constants +=
      fmt::format("static const struct window window{} = {{{}, {}, {}, {}, {}, {}, {}, {}}};\n", index, in.height,
                  in.width, in.channels, own.output.height, own.output.width, own.kernel, own.stride, own.padding);
  result_.kernels.insert("window");
  call(own.op == Op::max_pool ? "max_pool" : "avg_pool",
       fmt::format("&window{}, {}, {}", index, place(own.inputs[0]), place(index)));
}

void Writer::add_table(int index) {
  constant("int8_t", fmt::format("table{}", index), network_.nodes[index].table);
  call("table",
       fmt::format("table{}, {}, {}, {}", index, place(node(index).inputs[0]), place(index), shape(index).elements()));
}

void Writer::add_sum(int index) {
  const auto& [first, second] = node(index).inputs;
  const auto& factors = network_.nodes[index].multiplier;
  result_.constants += fmt::format("static const struct addition addition{} = {{{}, {}, {}, {}, {}, {}}};\n", index,
                                   factor_text(factors[0]), factor_text(factors[1]), factor_text(factors[2]),
                                   zero(first), zero(second), zero(index));
  call("add", fmt::format("&addition{}, {}, {}, {}, {}", index, place(first), place(second), place(index),
                          shape(index).elements()));
}

void Writer::add_product(int index) {
  const auto& [first, second] = node(index).inputs;
  const Shape &own = shape(index), &other = shape(second);
  result_.constants +=
      fmt::format("static const struct product product{} = {{{}, {}, {}, {}}};\n", index,
                  factor_text(network_.nodes[index].multiplier[0]), zero(first), zero(second), zero(index));
  call("multiply", fmt::format("&product{}, {}, {}, {}, {}, {}, {}", index, place(first), place(second), place(index),
                               own.height * own.width, own.channels, other.height == 1 && other.width == 1 ? 1 : 0));
}

void Writer::add_concat(int index) {
  const Shape& own = shape(index);
  int start = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const int input = node(index).inputs[i], channels = shape(input).channels;
    call("concat", fmt::format("{}, {}, {}, {}, {} + {}, {}, {}, {}", local_factor(index, i), place(input), channels,
                               zero(input), place(index), start, own.channels, zero(index), own.height * own.width));
    start += channels;
  }
}

void Writer::add(int index) {
  if (is_alias(index)) return;
  const Node& own = node(index);
  const Shape& out = own.output;
  const int from = own.inputs[0], positions = out.height * out.width;
  const Shape& in = shape(from);
  result_.calls += fmt::format("  /* {} */\n", network_.graph.full_name(index));
  switch (own.op) {
    case Op::conv2d:
    case Op::linear:
      return add_layer(index);
    case Op::max_pool:
    case Op::avg_pool:
      return add_window(index);
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      return add_table(index);
    case Op::add:
      return add_sum(index);
    case Op::multiply:
      return add_product(index);
    case Op::concat:
      return add_concat(index);
    case Op::scale:
      constant("int8_t", fmt::format("weight{}", index), network_.nodes[index].weight);
      return call("scale", fmt::format("{}, weight{}, {}, {}, {}, {}, {}, {}", local_factor(index, 0), index,
                                       place(from), place(index), positions, out.channels, zero(from), zero(index)));
    case Op::relu:
      return call("relu", fmt::format("{}, {}, {}, {}", place(from), place(index), out.elements(), zero(index)));
    case Op::global_avg_pool:
      return call("global_avg_pool",
                  fmt::format("{}, {}, {}, {}, {}, {}, {}", local_factor(index, 0), place(from), place(index),
                              in.height * in.width, in.channels, zero(from), zero(index)));
    case Op::slice:
      return call("slice", fmt::format("{} + {}, {}, {}, {}, {}", place(from), own.first_channel, in.channels,
                                       place(index), out.channels, positions));
    case Op::channel_shuffle:
      return call("channel_shuffle",
                  fmt::format("{}, {}, {}, {}, {}", place(from), place(index), positions, out.channels, own.groups));
    case Op::upsample_nearest:
      return call("upsample_nearest", fmt::format("{}, {}, {}, {}, {}, {}, {}", place(from), in.height, in.width,
                                                  place(index), out.height, out.width, out.channels));
    default:
      throw std::logic_error("a folded network computes no " + std::string(op_name(own.op)));
  }
}

}  // namespace

Program program_of(const IntegerNetwork& network) {
  return Writer(network).program();
}

}  // namespace synth::c_export
