// Emits primitives in order, infers their output shapes, and refuses impossible ones (InputError naming the node).
#pragma once

#include "search_space/graph.h"

namespace search_space {

class GraphBuilder {
 public:
  GraphBuilder(Shape input, int classes);

  void reserve(int nodes);  // a hint

  // Where the nodes that follow belong. `module` must point to static storage.
  void enter(std::string_view module, int slot, int stage, int position);

  // Shape of an emitted node.
  const Shape& shape(int node) const { return graph_.nodes[node].output; }

  const Graph& graph() const { return graph_; }

  // All return the index of the emitted node. Names must point to static storage.
  int conv(std::string_view name, int from, int channels, int kernel, int stride = 1, int groups = 1,
           bool bias = false);
  int batch_norm(int from);
  int conv_bn(std::string_view name, int from, int channels, int kernel, int stride = 1, int groups = 1);
  int conv_bn_relu(std::string_view name, int from, int channels, int kernel, int stride = 1, int groups = 1);
  int relu(int from);
  int activation(std::string_view kind, int from);  // "relu", "hard_swish", "sigmoid", "hard_sigmoid", "none"
  int max_pool(std::string_view name, int from, int kernel, int stride, int padding, bool ceil_mode);
  int avg_pool(std::string_view name, int from, int kernel, int stride, int padding, bool ceil_mode);
  int upsample_nearest(std::string_view name, int from, int height, int width);
  int multiply(std::string_view name, int first, int second);
  int add(std::string_view name, int first, int second);
  int scale(std::string_view name, int from);
  int concat(std::string_view name, int first, int second);
  int slice(std::string_view name, int from, int first_channel, int channels);
  int channel_shuffle(std::string_view name, int from, int groups);
  int global_avg_pool(std::string_view name, int from);
  int linear(std::string_view name, int from, int features);
  int softmax(int from);

  Graph finish() &&;

 private:
  Node& append(Op op, std::string_view name, int first, int second = -1);  // at place_, shaped like its first input
  int check(const Node& last) const;  // refuses an impossible output shape; index of the last node
  int unary(Op op, int from);
  int pool(Op op, std::string_view name, int from, int kernel, int stride, int padding, bool ceil_mode);

  Graph graph_;
  Node place_;       // module, slot, stage, position of the nodes that follow
  double work_ = 0;  // multiply-adds so far
};

}  // namespace search_space
