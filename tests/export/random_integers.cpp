// Random constants, node by node.
#include "random_integers.h"

#include <cmath>

#include "search_space/random.h"

namespace export_test {

using evaluators::IntegerNetwork;
using evaluators::IntegerNode;
using search_space::Node;
using search_space::Op;
using search_space::Random;

namespace {

// Batch norms as folding leaves them.
void fold(search_space::Graph& graph) {
  for (Node& node : graph.nodes) {
    if (node.op == Op::conv2d) node.bias = true;
    if (node.op == Op::batch_norm) node.op = Op::identity;
  }
}

void fill_layer(const Node& node, int inputs, Random& random, double input_scale, Factors factors, IntegerNode& own) {
  const int k = node.kernel * node.kernel * inputs, channels = node.output.channels;
  const double weight_scale = 0.01, factor = 1 / (73 * std::sqrt(double(k)));
  own.scale = static_cast<float>(input_scale * weight_scale / factor);
  own.zero_point = random.below(2) == 0 ? -128 : random.below(200) - 100;
  const bool odd = random.below(4) == 0 && factors == Factors::odd;
  for (int i = 0; i < channels * k; ++i) own.weight.push_back(static_cast<std::int8_t>(random.below(255) - 127));
  for (int c = 0; c < channels; ++c) {
    own.bias.push_back(random.below(8000) - 4000);
    double real = factor * (0.5 + random.uniform());
    if (odd && c % 5 == 0) real = c % 2 == 0 ? 0.75 : 3.0;  // not shifted to the right
    if (odd && c % 7 == 0) real = c % 2 == 0 ? 0.0 : 1e-8;
    own.multiplier.push_back(evaluators::fixed_point(real));
  }
}

IntegerNode made(const IntegerNetwork& network, int index, Factors factors, Random& random) {
  const Node& node = network.graph.nodes[index];
  const IntegerNode& first = network.nodes[node.inputs[0]];
  const IntegerNode& second = network.nodes[std::max(node.inputs[1], 0)];
  const auto& in = network.graph.nodes[node.inputs[0]].output;
  IntegerNode own;
  own.scale = first.scale;
  own.zero_point = random.below(40) - 20;
  switch (node.op) {
    case Op::conv2d:
    case Op::linear:
      fill_layer(node, in.channels / node.groups, random, first.scale, factors, own);
      break;
    case Op::add:
      own.scale = std::max(first.scale, second.scale) * 1.3f;
      own.multiplier = evaluators::addition_multipliers(first.scale, second.scale, own.scale);
      break;
    case Op::multiply:
      own.scale = first.scale * second.scale * 80;
      own.multiplier = {evaluators::fixed_point(double(first.scale) * second.scale / own.scale)};
      break;
    case Op::scale:
      for (int c = 0; c < node.output.channels; ++c)
        own.weight.push_back(static_cast<std::int8_t>(random.below(255) - 127));
      own.multiplier = {evaluators::fixed_point(1.0 / 70)};
      break;
    case Op::concat:
      own.scale = std::max(first.scale, second.scale);
      own.multiplier = {evaluators::fixed_point(double(first.scale) / own.scale),
                        evaluators::fixed_point(double(second.scale) / own.scale)};
      break;
    case Op::global_avg_pool:
      own.scale = first.scale / 4;
      own.multiplier = {evaluators::mean_multiplier(first.scale, own.scale, in.height * in.width)};
      break;
    case Op::sigmoid:
    case Op::hard_sigmoid:
      own.scale = 1.0f / 256;
      own.zero_point = -128;
      own.table = evaluators::activation_table(node.op, first, own);
      break;
    case Op::hard_swish:
      own.table = evaluators::activation_table(node.op, first, own);
      break;
    default:
      own.zero_point = first.zero_point;
      break;
  }
  return own;
}

}  // namespace

IntegerNetwork random_integers(search_space::Graph graph, std::uint64_t seed, Factors factors) {
  fold(graph);
  Random random(seed);
  IntegerNetwork network{std::move(graph), {}};
  network.nodes.push_back({0.02f, 3, {}, {}, {}, {}});
  for (int i = 1; i <= network.logits(); ++i) network.nodes.push_back(made(network, i, factors, random));
  network.nodes.resize(network.graph.nodes.size());
  return network;
}

std::shared_ptr<evaluators::DataSet> random_images(const search_space::Graph& graph, int count, std::uint64_t seed) {
  const auto& shape = graph.input();
  auto data = std::make_shared<evaluators::DataSet>();
  data->test = {shape.channels, shape.height, shape.width, {}, {}};
  data->mean.assign(shape.channels, 0.5f);
  data->deviation.assign(shape.channels, 0.25f);
  Random random(seed);
  for (std::int64_t i = 0; i < count * shape.elements(); ++i)
    data->test.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  data->test.labels.assign(count, 0);
  return data;
}

}  // namespace export_test
