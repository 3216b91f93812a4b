// The lowered network: a list of primitive operations in execution order. Costs, training, quantisation, exporters and
// pictures all read this and nothing else (one lowering, many readers).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "search_space/shape.h"

namespace search_space {

enum class Op {
  input,
  conv2d,
  linear,
  batch_norm,
  relu,
  hard_swish,
  sigmoid,
  hard_sigmoid,
  max_pool,
  avg_pool,
  upsample_nearest,  // to `output` height and width: source index = floor(i * in / out)
  multiply,          // element-wise; the second input may be 1x1 in space (broadcast)
  add,
  scale,            // learned factor per channel
  concat,           // along channels
  slice,            // channels [first_channel, first_channel + output.channels)
  channel_shuffle,  // `groups` groups, as in ShuffleNet
  global_avg_pool,  // to 1x1
  softmax,
  identity
};

std::string_view op_name(Op op);  // "conv2d", ...
// Whether its output may take the place of an input of the same size that nothing reads later.
bool may_run_in_place(Op op);

// One primitive. Plain data without allocation, so that hundreds of thousands of graphs a second can be costed.
// `name` and `module` point to static storage.
struct Node {
  Op op = Op::identity;
  std::string_view name;    // local: "down", "shortcut"; the width decision a convolution realises gives it its name
  std::string_view module;  // "stem", a module kind, "shortcut" or "head"
  int slot = -1;            // index into Architecture::slots, -1 outside
  int stage = -1;           // 0-based stage of the slot, -1 outside
  int position = -1;        // 0-based position of the slot within its stage, or of the layer in stem or head
  std::array<int, 2> inputs = {-1, -1};  // indices of earlier nodes; -1 = none
  Shape output;
  int kernel = 1;  // conv2d, max_pool, avg_pool (square)
  int stride = 1;
  int padding = 0;         // conv2d, pooling: zeros (or -inf) on every side
  int groups = 1;          // conv2d, channel_shuffle
  bool ceil_mode = false;  // pooling: round output size up
  int first_channel = 0;   // slice
  bool bias = false;       // conv2d: own bias (false where batch norm follows); linear: always true

  bool operator==(const Node&) const = default;
};

struct Graph {
  std::vector<Node> nodes;  // nodes[0] is the input; topologically ordered; the last node is the output (softmax)
  int classes = 0;

  const Shape& input() const { return nodes.front().output; }
  int input_channels(const Node& node) const { return nodes[node.inputs[0]].output.channels; }
  // "stem.conv1", "stage2.slot1.vac.down", "head.dense": unique in the graph, stable across designs.
  std::string full_name(int node) const;
  // Index of the node whose output leaves slot `slot` (after shortcut and activation), and of the one that enters it.
  int slot_output(int slot) const;
  int slot_input(int slot) const;
  // How many later nodes read each node.
  std::vector<int> use_counts() const;
};

}  // namespace search_space
