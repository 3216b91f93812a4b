// Probing: one backward pass for saliencies, one forward pass for ranks and quantisation noise, one per slot for
// bypass.
#include "evaluators/probe.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "evaluators/convolution.h"
#include "evaluators/folded_network.h"
#include "evaluators/training.h"

namespace evaluators {

using search_space::Graph;
using search_space::Node;
using search_space::Op;
using torch::Tensor;

namespace {

constexpr int stimuli = 256;  // images for loss and saliency
constexpr int stimuli_at_once = 64;
constexpr int observed_images = 64;                   // for ranks, noise and bypass
constexpr int observed_positions = 512;               // responses per layer whose spectrum is taken
constexpr std::int64_t observed_elements = 32 << 20;  // activations kept at once, 128 MiB

bool is_layer(Op op) {
  return op == Op::conv2d || op == Op::linear;
}

// Where a layer's response is seen: after its batch norm, if it has one.
std::vector<int> responses(const Graph& graph) {
  std::vector<int> result(graph.nodes.size(), -1);
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    const Node& node = graph.nodes[i];
    if (is_layer(node.op)) result[i] = i;
    if (node.op == Op::batch_norm && is_layer(graph.nodes[node.inputs[0]].op)) result[node.inputs[0]] = i;
  }
  return result;
}

Tensor labels_of(const ImageSet& images, int first, int count, torch::Device device) {
  const std::vector<std::int64_t> labels(images.labels.begin() + first, images.labels.begin() + first + count);
  return at::tensor(labels, at::kLong).to(device);
}

// Loss, and per layer the mean over images of |sum over positions of activation * gradient|: how much the loss would
// change, to first order, if the channel were removed (Molchanov et al. 2017, equation 8).
void measure_saliency(Network& network, const DataSet& data, Evidence& evidence) {
  const Graph& graph = network.graph();
  const std::vector<int> response = responses(graph);
  const int count = std::min(stimuli, data.probe.size());
  std::vector<Tensor> saliency(graph.nodes.size());
  for (int first = 0; first < count; first += stimuli_at_once) {
    const int batch = std::min(stimuli_at_once, count - first);
    std::vector<Tensor> values(graph.nodes.size()), observed;
    const Tensor logits =
        network.forward_with_hook(to_batch(data.probe, first, batch, data, network.device()),
                                  /*training=*/false, [&values](int node, Tensor& value) { values[node] = value; });
    const Tensor loss =
        at::cross_entropy_loss(logits, labels_of(data.probe, first, batch, network.device()), {}, at::Reduction::Sum);
    for (int node : response)
      if (node >= 0) observed.push_back(values[node]);
    for (Tensor& value : observed) value.retain_grad();
    loss.backward({}, /*retain_graph=*/false, /*create_graph=*/false, observed);
    at::NoGradGuard no_grad;
    evidence.probe_loss += loss.item<double>() / count;
    for (std::size_t i = 0; i < response.size(); ++i) {
      if (response[i] < 0) continue;
      const Tensor& value = values[response[i]];
      const Tensor part = (value * value.grad()).sum({2, 3}).abs().sum(0) / count;
      saliency[i] = saliency[i].defined() ? saliency[i] + part : part;
    }
  }
  for (std::size_t i = 0; i < saliency.size(); ++i) {
    if (!saliency[i].defined()) continue;
    const Tensor values = saliency[i].to(torch::kCPU).contiguous();
    LayerEvidence layer;
    layer.layer = graph.full_name(static_cast<int>(i));
    layer.slot = graph.nodes[i].slot;
    layer.saliency.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    evidence.layers.push_back(std::move(layer));
  }
}

// exp(entropy of the covariance's normalised spectrum) / channels: 1 = all channels vary independently and equally.
double effective_rank(const Tensor& response) {
  Tensor rows = response.permute({0, 2, 3, 1}).reshape({-1, response.size(1)});
  // An odd stride visits all columns of the image.
  const std::int64_t stride = std::max<std::int64_t>(1, rows.size(0) / observed_positions) | 1;
  rows = rows.slice(0, 0, rows.size(0), stride).to(torch::kFloat64);
  rows = rows - rows.mean(0, /*keepdim=*/true);
  // The smaller of the two products has the same non-zero eigenvalues.
  const bool wide = rows.size(1) > rows.size(0);
  const Tensor values = at::linalg_eigvalsh(wide ? rows.mm(rows.t()) : rows.t().mm(rows)).clamp_min(0);
  const Tensor share = values / values.sum().clamp_min(1e-30);
  const double entropy = -at::xlogy(share, share).sum().item<double>();
  const auto channels = static_cast<double>(std::min(rows.size(0), rows.size(1)));
  return std::min(1.0, std::exp(entropy) / channels);
}

// The response's power over that of the change that 8-bit weights make to it.
double quantisation_snr_db(const FoldedNetwork& folded, int node, const Tensor& input, const Tensor& response) {
  const Tensor& weight = folded.weight(node);
  std::vector<std::int64_t> shape(weight.dim(), 1);
  shape[0] = weight.size(0);
  const Tensor scale = (weight.abs().flatten(1).amax(1) / 127).clamp_min(1e-30).view(shape);
  const Tensor error = at::round(weight / scale) * scale - weight;
  const Node& primitive = folded.graph().nodes[node];
  const Tensor noise = primitive.op == Op::linear
                           ? at::linear(input.flatten(1), error)
                           : convolution(input, error, {}, {primitive.stride, primitive.padding, primitive.groups});
  const double signal = response.square().sum().item<double>(), lost = noise.square().sum().item<double>();
  return 10 * std::log10((signal + 1e-30) / (lost + 1e-30));
}

// The branch that the slot adds to its shortcut; -1 if there is none.
std::pair<int, int> branch_of(const Graph& graph, int slot) {
  for (int i = static_cast<int>(graph.nodes.size()) - 1; i >= 0; --i) {
    const Node& node = graph.nodes[i];
    if (node.slot == slot && node.op == Op::add && node.module == "shortcut") return {i, node.inputs[0]};
  }
  return {-1, -1};
}

double loss_of(const Tensor& logits, const Tensor& labels) {
  return at::cross_entropy_loss(logits, labels).item<double>();
}

void measure_responses(const Network& network, const DataSet& data, Evidence& evidence) {
  at::NoGradGuard no_grad;
  const FoldedNetwork folded(network);
  const Graph& graph = folded.graph();
  std::int64_t elements = 0;
  for (const Node& node : graph.nodes) elements += node.output.elements();
  const int affordable =
      static_cast<int>(std::max<std::int64_t>(8, observed_elements / std::max<std::int64_t>(1, elements)));
  const int count = std::min({observed_images, affordable, data.probe.size()});
  const std::vector<Tensor> outputs = folded.all_outputs(to_batch(data.probe, 0, count, data, folded.device()));
  const Tensor labels = labels_of(data.probe, 0, count, folded.device());
  const double loss = loss_of(outputs.back().flatten(1), labels);

  std::size_t layer = 0;
  int slots = 0;
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    const Node& node = graph.nodes[i];
    slots = std::max(slots, node.slot + 1);
    // A lone batch norm has become a convolution here and is no layer of the network.
    if (!is_layer(node.op) || !is_layer(network.graph().nodes[i].op)) continue;
    LayerEvidence& found = evidence.layers[layer++];
    found.effective_rank = effective_rank(outputs[i]);
    found.quantisation_snr_db = quantisation_snr_db(folded, i, outputs[node.inputs[0]], outputs[i]);
  }
  for (int slot = 0; slot < slots; ++slot) {
    const auto [sum, branch] = branch_of(graph, slot);
    if (sum < 0) continue;
    const Tensor bypassed = folded.logits_with(outputs, branch, at::zeros_like(outputs[branch]));
    evidence.slots.push_back({slot, loss_of(bypassed, labels) - loss});
  }
}

}  // namespace

Evidence probe(Network& network, const DataSet& data) {
  Evidence evidence;
  if (data.probe.size() == 0) return evidence;
  measure_saliency(network, data, evidence);
  measure_responses(network, data, evidence);
  return evidence;
}

}  // namespace evaluators
