// Graph -> LibTorch: a trainable network, one case per primitive.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "search_space/graph.h"

namespace evaluators {

class Network {
 public:
  // Parameters are drawn from `seed` (Kaiming normal, fan-out; batch norm 1/0), on `device`.
  Network(search_space::Graph graph, std::uint64_t seed, torch::Device device = torch::kCPU);

  // images: float [N, C, H, W], normalised (channels-last recommended). Returns logits [N, classes], before softmax.
  // `training`: batch statistics and running averages are updated.
  torch::Tensor forward(const torch::Tensor& images, bool training);

  // Called with (node index, output) after every node of a forward pass; used by probing and calibration. May replace the output.
  using Hook = std::function<void(int, torch::Tensor&)>;
  torch::Tensor forward_with_hook(const torch::Tensor& images, bool training, const Hook& hook);

  const search_space::Graph& graph() const { return graph_; }
  torch::Device device() const { return device_; }
  std::vector<torch::Tensor> parameters() const;  // trainable
  // Parameters and buffers by stable name: "stage1.slot2.vac.down.weight" [out, in/groups, k, k], ".bias" [out],
  // ".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var" [channels] (batch norm is named after its convolution),
  // ".scale" [channels] for scale nodes, "head.dense.weight" [out, in], "head.dense.bias".
  std::map<std::string, torch::Tensor> named_tensors() const;
  void set_memory_format_channels_last();

 private:
  search_space::Graph graph_;
  torch::Device device_;
  struct NodeTensors {
    torch::Tensor weight, bias, running_mean, running_var;
  };
  std::vector<NodeTensors> tensors_;  // per node
  friend class FoldedNetwork;
};

}  // namespace evaluators
