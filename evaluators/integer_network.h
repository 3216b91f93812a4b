// The deployed network: int8 tensors and integer arithmetic as TensorFlow Lite specifies it
// (docs/integer_semantics.md). Plain values, free of LibTorch; exporters read this.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/fixed_point.h"
#include "search_space/graph.h"

namespace evaluators {

// What the node of the same index computes with. real = scale * (q - zero_point), q in [-128, 127].
struct IntegerNode {
  float scale = 1;
  int zero_point = 0;
  std::vector<std::int8_t> weight;     // conv2d [out, k, k, in/groups], linear [out, in], scale [channels]
  std::vector<std::int32_t> bias;      // conv2d, linear: [out], in units of input scale * weight scale
  std::vector<FixedPoint> multiplier;  // conv2d, linear: [out]; add: of either input and of the sum; concat: of either
                                       // input; multiply, scale, global_avg_pool: one
  std::vector<std::int8_t> table;      // sigmoid, hard_sigmoid, hard_swish: output of input q at [q + 128]
  std::vector<float> weight_scale{};   // conv2d, linear: [out]; scale: one
};

struct IntegerNetwork {
  search_space::Graph graph;  // folded; the last node (softmax) is not computed
  std::vector<IntegerNode> nodes;

  int logits() const { return graph.nodes.back().inputs[0]; }
  // From an image [height, width, channels] in the input's scale to logits [classes] in theirs.
  std::vector<std::int8_t> run(const std::vector<std::int8_t>& image) const;
  // The output [height, width, channels] of one node, given those of its inputs (`second` empty where it has one).
  std::vector<std::int8_t> run_node(int node, const std::vector<std::int8_t>& first,
                                    const std::vector<std::int8_t>& second) const;
};

// TensorFlow Lite's 256 values of an activation. `op` is sigmoid, hard_sigmoid or hard_swish.
std::vector<std::int8_t> activation_table(search_space::Op op, const IntegerNode& input, const IntegerNode& output);

// Its multipliers of an addition: of both terms, which are first multiplied by 2^20, and of their sum.
constexpr int addition_shift = 20;
std::vector<FixedPoint> addition_multipliers(double first_scale, double second_scale, double output_scale);

// Its multiplier of the sum of `count` values that become their mean.
FixedPoint mean_multiplier(double input_scale, double output_scale, int count);

// Multipliers and tables of every node, from scales, zero points and weight scales.
void fill_multipliers(IntegerNetwork& network);

// An image as the network's input: round(((byte / 255 - mean) / deviation) / scale) + zero point.
std::vector<std::int8_t> quantised_image(const IntegerNetwork& network, const DataSet& data, const ImageSet& images,
                                         int index);

}  // namespace evaluators
