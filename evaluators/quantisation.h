// 8-bit networks (design: evaluation): per-output-channel symmetric int8 weights, per-tensor affine int8 activations,
// int32 biases.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/network.h"

namespace evaluators {

struct Precision {
  int weight_bits = 32;      // 32 or 8
  int activation_bits = 32;  // 32 or 8
  bool operator==(const Precision&) const = default;
};

// One convolution or dense layer after folding its batch norm.
struct QuantisedLayer {
  std::vector<float> weight_scale;  // per output channel
  torch::Tensor weight;             // int8, same shape as the float weight
  torch::Tensor bias;               // float (int32 * input scale * weight scale once activations are quantised)
};

struct ActivationRange {
  float scale = 1;
  int zero_point = 0;
};

// An inference network whose batch norms are folded and whose numbers are those the integer network computes with.
class QuantisedNetwork {
 public:
  // Activations are calibrated on images of the training split.
  QuantisedNetwork(const Network& network, Precision precision, const DataSet& data);
  torch::Tensor forward(const torch::Tensor& images) const;  // logits, simulated in float at `precision`

  const search_space::Graph& graph() const { return graph_; }
  const std::map<int, QuantisedLayer>& layers() const { return layers_; }          // by node index
  const std::map<int, ActivationRange>& activations() const { return activations_; }  // by node index

 private:
  search_space::Graph graph_;
  Precision precision_;
  std::map<int, QuantisedLayer> layers_;
  std::map<int, ActivationRange> activations_;
  std::map<int, torch::Tensor> scales_;  // of scale nodes
};

}  // namespace evaluators
