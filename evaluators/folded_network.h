// An inference copy of a network whose batch norms are folded into the convolutions before them (design: modules).
#pragma once

#include <vector>

#include "evaluators/network.h"

namespace evaluators {

class FoldedNetwork {
 public:
  // Later training of `network` does not change the copy.
  explicit FoldedNetwork(const Network& network);

  // Node indices are those of the network's graph: a folded batch norm is an identity, one that follows no convolution
  // is a depthwise 1x1 convolution. Every convolution has a bias.
  const search_space::Graph& graph() const { return network_.graph(); }
  torch::Device device() const { return network_.device(); }
  // Of a convolution [out, in/groups, k, k], dense layer [out, in] or scale node [channels].
  const torch::Tensor& weight(int node) const { return network_.tensors_[node].weight; }
  const torch::Tensor& bias(int node) const { return network_.tensors_[node].bias; }
  void set_parameters(int node, torch::Tensor weight, torch::Tensor bias);

  // One primitive in float; `second` is undefined where the node has one input.
  torch::Tensor run_node(int node, const torch::Tensor& first, const torch::Tensor& second) const;
  // Logits [N, classes].
  torch::Tensor forward(const torch::Tensor& images, const Network::Hook& hook = {}) const;
  // The outputs of all nodes for `images`, and the logits when node `changed` puts out `value` instead.
  std::vector<torch::Tensor> all_outputs(const torch::Tensor& images) const;
  torch::Tensor logits_with(std::vector<torch::Tensor> outputs, int changed, torch::Tensor value) const;

 private:
  mutable Network network_;  // Network's forward functions also train, hence are not const; inference changes nothing
};

}  // namespace evaluators
