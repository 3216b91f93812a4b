// 8-bit networks (design: evaluation): per-output-channel symmetric int8 weights, per-tensor affine int8 activations,
// int32 biases. The arithmetic is stated here so exactly that an exporter can reproduce it bit for bit.
//
// An activation is real = scale * (q - zero_point) with q in [-128, 127]; c = q - zero_point is its centred value, and
// padding is c = 0. Reals below are float32; every product of two reals is rounded once to float32 (no fused
// multiply-add); round() is to nearest, ties to even. Each requantising primitive ends in
// requantise(r) = min(max(round(r), -128 - zero_point), 127 - zero_point), with the zero point of its own output:
//
//   input               c = requantise(x / scale), x the normalised image
//   conv2d, linear      c = requantise(float(sum w*c + bias) * multiplier[channel]), w int8, bias and the sum int32
//   scale               c = requantise(float(w[channel] * c) * multiplier[0]), w int8
//   add                 c = requantise(c1 * multiplier[0] + c2 * multiplier[1])
//   multiply            c = requantise(float(c1 * c2) * multiplier[0])
//   concat              c = requantise(c1 * multiplier[0]) for the first input's channels, then c2 with multiplier[1]
//   global_avg_pool     c = requantise(float(sum over positions of c) * multiplier[0])
//   sigmoid, hard_sigmoid, hard_swish   c = table[q + 128] of the input's q
//
// The others keep the range of their input: relu c = max(c, 0); max_pool, upsample_nearest, slice, channel_shuffle and
// identity move values; avg_pool c = round(float(sum over the window) / count), count without padding. A conv2d, add,
// ... read by one relu alone (folded batch norms between) already puts out in that relu's range, whose lower end is 0.
// The logits are not requantised: float(sum + bias) * multiplier[channel]; softmax stays float.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/folded_network.h"
#include "evaluators/network.h"

namespace evaluators {

// Activations of 8 bits come with weights of 8 bits: there is no integer arithmetic with float weights.
struct Precision {
  int weight_bits = 32;      // 32 or 8
  int activation_bits = 32;  // 32 or 8
  bool operator==(const Precision&) const = default;
};

// One convolution, dense layer or scale after folding its batch norm. Scale nodes have one weight scale for all
// channels.
struct QuantisedLayer {
  std::vector<float> weight_scale;  // per output channel; real weight = weight_scale * weight
  torch::Tensor weight;             // int8, same shape as the float weight
  torch::Tensor bias;               // float; undefined for scale nodes
  torch::Tensor integer_bias;       // int32, in units of input scale * weight scale; only with 8-bit activations
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
  // Logits [N, classes]. With 8-bit activations sums are exact while they stay below 2^24 (float32 carries them).
  torch::Tensor forward(const torch::Tensor& images) const;

  const search_space::Graph& graph() const { return folded_.graph(); }  // FoldedNetwork's
  // By node index; the last three are empty without 8-bit activations.
  const std::map<int, QuantisedLayer>& layers() const { return layers_; }
  const std::map<int, ActivationRange>& activations() const {
    return activations_;
  }  // every node but logits and softmax
  const std::map<int, std::vector<float>>& multipliers() const { return multipliers_; }
  const std::map<int, std::vector<int>>& tables() const { return tables_; }  // 256 centred values

 private:
  void quantise_weights();
  void quantise_activations(const DataSet& data);
  void choose_ranges(const DataSet& data);
  void make_integer_layer(int node);
  void make_multipliers(int node);
  torch::Tensor run_integers(const torch::Tensor& images) const;
  torch::Tensor run_integer(int node, const torch::Tensor& first, const torch::Tensor& second) const;
  torch::Tensor requantise(int node, torch::Tensor real) const;

  FoldedNetwork folded_;  // its parameters are those in force: dequantised, or integers carried in float
  Precision precision_;
  int logits_ = -1;            // node whose output becomes the logits
  std::vector<int> range_of_;  // per node: the node whose observed values give its output range
  std::map<int, QuantisedLayer> layers_;
  std::map<int, ActivationRange> activations_;
  std::map<int, std::vector<float>> multipliers_;
  std::map<int, std::vector<int>> tables_;
  std::map<int, torch::Tensor> multiplier_tensors_, table_tensors_;  // the same on the device, float
};

}  // namespace evaluators
