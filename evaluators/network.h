// Graph -> LibTorch: a trainable network, one case per primitive.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "search_space/graph.h"

namespace evaluators {

// Added to the variance under batch norm's square root.
inline constexpr double batch_norm_epsilon = 1e-5;

class Network {
 public:
  // Parameters are drawn from `seed` (Kaiming normal, fan-out; batch norm 1/0), on `device`.
  Network(search_space::Graph graph, std::uint64_t seed, torch::Device device = torch::kCPU);

  // images: [N, C, H, W], normalised (channels-last recommended); their type, float32 or bfloat16, is the one computed
  // in, parameters and statistics stay float32. Returns float logits [N, classes], before softmax. `training`: batch
  // statistics and running averages are updated.
  torch::Tensor forward(const torch::Tensor& images, bool training);

  // Called with (node index, output) after every node of a forward pass; used by probing and calibration. May replace
  // the output. Every output has four dimensions [N, C, H, W]; that of the softmax node is its input, the logits.
  using Hook = std::function<void(int, torch::Tensor&)>;
  torch::Tensor forward_with_hook(const torch::Tensor& images, bool training, const Hook& hook);
  // The same for the outputs of `observed` nodes only (others may be seen as well), as fast as `forward`.
  torch::Tensor forward_observed(const torch::Tensor& images, bool training, const std::set<int>& observed,
                                 const Hook& hook);

  const search_space::Graph& graph() const { return graph_; }
  torch::Device device() const { return device_; }
  std::vector<torch::Tensor> parameters() const;  // trainable
  // Parameters and buffers by stable name: "stage1.slot2.vac.down.weight" [out, in/groups, k, k], ".bias" [out],
  // ".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var" [channels] (batch norm is named after its
  // convolution),
  // ".scale" [channels] for scale nodes, "head.dense.weight" [out, in], "head.dense.bias". They share the network's
  // storage.
  std::map<std::string, torch::Tensor> named_tensors() const;
  void set_memory_format_channels_last();

 private:
  struct NodeTensors {
    torch::Tensor weight, bias, running_mean, running_var;
  };

  // One primitive, or a batch norm with the sum and the ReLU that follow it; computed once from the graph.
  struct Step {
    int node = 0;               // whose output it computes
    int batch_norm = -1;        // the batch norm that is fused into it, -1 = none
    int residual = -1;          // node that is added to the batch norm's output, -1 = none
    bool depthwise = false;     // by the project's own kernel
    std::vector<int> releases;  // nodes whose outputs nobody needs afterwards
  };
  using Steps = std::vector<Step>;

  // `observed`: nodes whose outputs no step may swallow.
  Steps plan(bool fused, const std::set<int>& observed = {}) const;
  torch::Tensor run(const Steps& steps, const torch::Tensor& images, bool training, const Hook& hook);
  torch::Tensor run_node(int index, const torch::Tensor& first, const torch::Tensor& second, bool training);

  search_space::Graph graph_;
  torch::Device device_;
  std::vector<NodeTensors> tensors_;  // per node
  Steps plain_, fused_;
  friend class FoldedNetwork;
};

}  // namespace evaluators
