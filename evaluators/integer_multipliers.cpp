// What follows from the scales of an integer network: factors between them and tables.
#include <algorithm>

#include "evaluators/integer_network.h"

namespace evaluators {

using search_space::Node;
using search_space::Op;

namespace {

void fill(IntegerNetwork& network, int index) {
  const Node& primitive = network.graph.nodes[index];
  IntegerNode& node = network.nodes[index];
  if (primitive.op == Op::input) return;
  const IntegerNode& input = network.nodes[primitive.inputs[0]];
  const double first = input.scale, second = network.nodes[std::max(primitive.inputs[1], 0)].scale, own = node.scale;
  switch (primitive.op) {
    case Op::conv2d:
    case Op::linear:
    case Op::scale:
      node.multiplier.clear();
      for (float scale : node.weight_scale) node.multiplier.push_back(fixed_point(first * scale / own));
      break;
    case Op::add:
      node.multiplier = addition_multipliers(first, second, own);
      break;
    case Op::multiply:
      node.multiplier = {fixed_point(first * second / own)};
      break;
    case Op::concat:
      node.multiplier = {fixed_point(first / own), fixed_point(second / own)};
      break;
    case Op::global_avg_pool: {
      const auto& shape = network.graph.nodes[primitive.inputs[0]].output;
      node.multiplier = {mean_multiplier(first, own, shape.height * shape.width)};
      break;
    }
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      node.table = activation_table(primitive.op, input, node);
      break;
    default:
      break;
  }
}

}  // namespace

void fill_multipliers(IntegerNetwork& network) {
  for (int i = 0; i <= network.logits(); ++i) fill(network, i);
}

}  // namespace evaluators
