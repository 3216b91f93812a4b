// Packing: zero points into biases, weights into blocks.
#include "synth/export/c_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "search_space/deployment.h"
#include "search_space/errors.h"

namespace synth::c_export {

using evaluators::IntegerNetwork;
using evaluators::IntegerNode;
using search_space::Node;
using search_space::Op;
using search_space::Shape;

namespace {

constexpr int block = 16;  // output channels

// [out][k] to the blocks of each group.
std::vector<std::int8_t> packed(const std::vector<std::int8_t>& weight, int channels, int groups, int k) {
  const int quads = (k + 3) / 4, per_group = channels / groups;
  std::vector<std::int8_t> result;
  result.reserve(static_cast<std::size_t>(channels) * quads * 4);
  for (int first = 0; first < channels; first += per_group)
    for (int start = 0; start < per_group; start += block)
      for (int quad = 0; quad < quads; ++quad)
        for (int c = start; c < std::min(start + block, per_group); ++c)
          for (int i = quad * 4; i < quad * 4 + 4; ++i)
            result.push_back(i < k ? weight[static_cast<std::size_t>(first + c) * k + i] : std::int8_t{0});
  return result;
}

// [channel][k] to [k][channel].
std::vector<std::int8_t> transposed(const std::vector<std::int8_t>& weight, int channels, int k) {
  std::vector<std::int8_t> result;
  for (int i = 0; i < k; ++i)
    for (int c = 0; c < channels; ++c) result.push_back(weight[static_cast<std::size_t>(c) * k + i]);
  return result;
}

void check_sizes(const IntegerNetwork& network, int index) {
  const Node& node = network.graph.nodes[index];
  const Shape& in = network.graph.nodes[node.inputs[0]].output;
  constexpr int most = 65535;
  for (int found : {in.channels, in.height, in.width, node.output.channels, node.output.height, node.output.width})
    if (found > most)
      throw search_space::InputError(
          fmt::format("--format c: {}: a dimension of {}, allowed are {}; make the network "
                      "smaller",
                      network.graph.full_name(index), found, most));
}

// Folds the zero point of the input and checks that no sum, whatever the image, leaves 29 bits.
void fold_bias(const IntegerNetwork& network, int index, int k, Layer& layer) {
  const Node& node = network.graph.nodes[index];
  const IntegerNode& own = network.nodes[index];
  const int zero = network.nodes[node.inputs[0]].zero_point;
  for (int c = 0; c < node.output.channels; ++c) {
    std::int64_t sum = 0, largest = 0;
    for (int i = 0; i < k; ++i) {
      const int weight = own.weight[static_cast<std::size_t>(c) * k + i];
      sum += weight;
      largest += std::abs(weight) * 255;
    }
    const std::int64_t bias = own.bias.empty() ? 0 : own.bias[c];
    if (std::abs(bias) + 2 * largest >= std::int64_t{1} << 29)
      throw search_space::InputError(
          fmt::format("--format c: {}: the sums of output channel {} could leave 29 bits (bias {}); train the network "
                      "again, with fewer input channels in this layer",
                      network.graph.full_name(index), c, bias));
    layer.bias.push_back(static_cast<std::int32_t>(layer.depthwise ? bias : bias - zero * sum));
  }
}

}  // namespace

Layer layer_of(const IntegerNetwork& network, int index) {
  check_sizes(network, index);
  const Node& node = network.graph.nodes[index];
  const IntegerNode& own = network.nodes[index];
  const Shape& in = network.graph.nodes[node.inputs[0]].output;
  const int inputs = in.channels / node.groups, k = node.kernel * node.kernel * inputs;
  Layer layer;
  layer.depthwise = search_space::runs_depthwise(network.graph, node);
  layer.weight = layer.depthwise ? transposed(own.weight, node.output.channels, k)
                                 : packed(own.weight, node.output.channels, node.groups, k);
  layer.quads = (k + 3) / 4;
  layer.gathers = !layer.depthwise && search_space::gathers_inputs(network.graph, node);
  fold_bias(network, index, k, layer);
  for (const evaluators::FixedPoint& factor : own.multiplier) {
    const int shift = factor.multiplier == 0 ? -1 : factor.shift;  // nothing, shifted, is nothing
    layer.multiplier.push_back(factor.multiplier);
    layer.down.push_back(static_cast<std::int8_t>(-1 - shift));
    layer.plain = layer.plain && shift >= -22 && shift <= -1;
  }
  return layer;
}

}  // namespace synth::c_export
