// Quantising a folded network: weights, activation ranges from calibration images, and the multipliers between them.
#include "evaluators/quantisation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "evaluators/training.h"

namespace evaluators {

using search_space::Node;
using search_space::Op;
using torch::Tensor;

namespace {

constexpr int calibration_images = 512;
constexpr int calibration_batch = 128;
// Values beyond these quantiles are clipped: a few outliers would cost every other value its resolution.
constexpr double clipped_fraction = 1e-4;
// Largest bias in units of the accumulator: leaves the sum exact in float32 and far from overflow in int32.
constexpr double largest_bias = 1 << 22;

bool has_weights(Op op) {
  return op == Op::conv2d || op == Op::linear || op == Op::scale;
}

bool requantises(Op op) {
  switch (op) {
    case Op::input:
    case Op::conv2d:
    case Op::linear:
    case Op::scale:
    case Op::add:
    case Op::multiply:
    case Op::concat:
    case Op::global_avg_pool:
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      return true;
    default:
      return false;
  }
}

bool is_table(Op op) {
  return op == Op::sigmoid || op == Op::hard_sigmoid || op == Op::hard_swish;
}

double table_function(Op op, double x) {
  const double gate = std::clamp(x / 6 + 0.5, 0.0, 1.0);
  if (op == Op::sigmoid) return 1 / (1 + std::exp(-x));
  return op == Op::hard_sigmoid ? gate : x * gate;
}

std::vector<float> to_vector(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous().flatten();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// `scale` [out], broadcast over the weights [out, ...] of its channel.
Tensor per_channel(const Tensor& scale, const Tensor& weight) {
  std::vector<std::int64_t> shape(weight.dim(), 1);
  shape[0] = scale.numel();
  return scale.view(shape);
}

Tensor round_weights(const Tensor& weight, const Tensor& scale) {
  return at::clamp(at::round(weight / per_channel(scale, weight)), -127, 127);
}

// Every n-th training image, so that sets ordered by class are covered evenly.
ImageSet calibration_set(const ImageSet& train) {
  ImageSet chosen{train.channels, train.height, train.width, {}, {}};
  const int count = std::min(calibration_images, train.size());
  for (int i = 0; i < count; ++i) {
    const int index = static_cast<int>(static_cast<std::int64_t>(i) * train.size() / count);
    chosen.pixels.insert(chosen.pixels.end(), train.image(index), train.image(index) + train.image_bytes());
    chosen.labels.push_back(train.labels[index]);
  }
  return chosen;
}

// Representative values of one activation, seen batch by batch.
class Observer {
 public:
  void add(const Tensor& values) {
    constexpr std::int64_t samples_per_batch = 16384;
    const Tensor flat = values.permute({0, 2, 3, 1}).reshape(-1);
    // An odd stride meets every channel.
    const std::int64_t stride = std::max<std::int64_t>(1, flat.numel() / samples_per_batch) | 1;
    const std::vector<float> chosen = to_vector(flat.slice(0, 0, flat.numel(), stride));
    samples_.insert(samples_.end(), chosen.begin(), chosen.end());
  }

  // Affine int8 over the range without outliers, widened to contain 0, which must be exact.
  ActivationRange range() {
    std::sort(samples_.begin(), samples_.end());
    const auto clipped = static_cast<std::size_t>(clipped_fraction * samples_.size());
    const double low = std::min(0.0f, samples_[clipped]),
                 high = std::max(0.0f, samples_[samples_.size() - 1 - clipped]);
    const auto scale = static_cast<float>((high - low) / 255);
    if (!(scale > std::numeric_limits<float>::min())) return {1.0f, -128};  // an activation that is always 0
    return {scale, std::clamp(static_cast<int>(std::nearbyint(-128 - low / scale)), -128, 127)};
  }

 private:
  std::vector<float> samples_;
};

}  // namespace

QuantisedNetwork::QuantisedNetwork(const Network& network, Precision precision, const DataSet& data)
    : folded_(network), precision_(precision) {
  at::NoGradGuard no_grad;
  if (precision_.activation_bits == 8) precision_.weight_bits = 8;
  if (precision_.weight_bits == 8) quantise_weights();
  if (precision_.activation_bits == 8) quantise_activations(data);
}

void QuantisedNetwork::quantise_weights() {
  const auto& nodes = graph().nodes;
  for (int i = 0; i < static_cast<int>(nodes.size()); ++i) {
    if (!has_weights(nodes[i].op)) continue;
    const Tensor& weight = folded_.weight(i);
    const bool per_tensor = nodes[i].op == Op::scale;
    Tensor scale = (per_tensor ? weight.abs().max().view({1}) : weight.abs().flatten(1).amax(1)) / 127;
    scale = at::where(scale > std::numeric_limits<float>::min(), scale, at::ones_like(scale));  // all-zero channels
    const Tensor rounded = round_weights(weight, scale);
    layers_[i] = {to_vector(scale), rounded.to(torch::kInt8), folded_.bias(i), {}};
    folded_.set_parameters(i, rounded * per_channel(scale, weight), folded_.bias(i));
  }
}

void QuantisedNetwork::quantise_activations(const DataSet& data) {
  choose_ranges(data);
  for (int i = 0; i < static_cast<int>(graph().nodes.size()); ++i) {
    if (has_weights(graph().nodes[i].op)) make_integer_layer(i);
    make_multipliers(i);
  }
}

void QuantisedNetwork::choose_ranges(const DataSet& data) {
  const auto& nodes = graph().nodes;
  const int count = static_cast<int>(nodes.size());
  const std::vector<int> readers = graph().use_counts();
  std::vector<int> reader(count, -1);
  for (int i = 0; i < count; ++i)
    for (int input : nodes[i].inputs)
      if (input >= 0) reader[input] = i;
  range_of_.assign(count, -1);
  std::map<int, Observer> observers;
  std::map<int, ActivationRange> ranges;
  for (int i = 0; i < count; ++i) {
    range_of_[i] = nodes[i].op == Op::input || requantises(nodes[i].op) ? i : range_of_[nodes[i].inputs[0]];
    if (range_of_[i] != i) continue;
    int& end = range_of_[i];
    while (readers[end] == 1 && (nodes[reader[end]].op == Op::identity || nodes[reader[end]].op == Op::relu))
      end = reader[end];
    if (nodes[i].op == Op::sigmoid || nodes[i].op == Op::hard_sigmoid)
      ranges[end] = {1.0f / 256, -128};  // their values fill [0, 1]
    else
      observers[end];
  }
  logits_ = nodes.back().inputs[0];
  while (nodes[logits_].op == Op::identity) logits_ = nodes[logits_].inputs[0];
  if (nodes[logits_].op != Op::linear && nodes[logits_].op != Op::conv2d) logits_ = -1;

  const ImageSet images = calibration_set(data.train);
  for (int first = 0; first < images.size(); first += calibration_batch) {
    const Tensor batch =
        to_batch(images, first, std::min(calibration_batch, images.size() - first), data, folded_.device());
    folded_.forward(batch, [&observers](int node, Tensor& value) {
      if (const auto found = observers.find(node); found != observers.end()) found->second.add(value);
    });
  }
  for (auto& [node, observer] : observers) ranges[node] = observer.range();
  for (int i = 0; i < count; ++i)
    if (logits_ < 0 || i < logits_) activations_[i] = ranges.at(range_of_[i]);
}

void QuantisedNetwork::make_integer_layer(int node) {
  QuantisedLayer& layer = layers_.at(node);
  Tensor integers = layer.weight.to(torch::kFloat32), bias;
  if (layer.bias.defined()) {
    const double input_scale = activations_.at(graph().nodes[node].inputs[0]).scale;
    const Tensor real_bias = layer.bias.to(torch::kFloat64);
    const auto options = real_bias.options();
    const Tensor old_scale =
        at::tensor(std::vector<double>(layer.weight_scale.begin(), layer.weight_scale.end()), options);
    // Channels whose weights are tiny beside their bias get a coarser scale, so that the bias fits.
    const Tensor scale = at::maximum(old_scale, real_bias.abs() / (input_scale * largest_bias)).to(torch::kFloat32);
    const Tensor changed = scale.to(torch::kFloat64) != old_scale;
    if (changed.any().item<bool>()) {
      integers = round_weights(folded_.weight(node), scale);
      layer.weight = integers.to(torch::kInt8);
      layer.weight_scale = to_vector(scale);
    }
    bias = at::round(real_bias / (scale.to(torch::kFloat64) * input_scale));
    layer.integer_bias = bias.to(torch::kInt32);
    bias = bias.to(torch::kFloat32);
  }
  if (integers.dim() == 4 && folded_.device().is_cpu()) integers = integers.contiguous(at::MemoryFormat::ChannelsLast);
  folded_.set_parameters(node, integers, bias);
}

void QuantisedNetwork::make_multipliers(int node) {
  const Node& primitive = graph().nodes[node];
  if (!requantises(primitive.op) || primitive.op == Op::input || (logits_ >= 0 && node > logits_)) return;
  const auto scale_of = [this](int index) { return static_cast<double>(activations_.at(index).scale); };
  const double first = scale_of(primitive.inputs[0]);
  const double output = node == logits_ ? 1.0 : scale_of(node);
  std::vector<float>& multiplier = multipliers_[node];
  if (has_weights(primitive.op)) {
    for (float scale : layers_.at(node).weight_scale) multiplier.push_back(static_cast<float>(first * scale / output));
  } else if (primitive.op == Op::add || primitive.op == Op::concat) {
    multiplier = {static_cast<float>(first / output), static_cast<float>(scale_of(primitive.inputs[1]) / output)};
  } else if (primitive.op == Op::multiply) {
    multiplier = {static_cast<float>(first * scale_of(primitive.inputs[1]) / output)};
  } else if (primitive.op == Op::global_avg_pool) {
    const auto& shape = graph().nodes[primitive.inputs[0]].output;
    multiplier = {static_cast<float>(first / (double(shape.height) * shape.width) / output)};
  } else if (is_table(primitive.op)) {
    multipliers_.erase(node);
    const int input_zero = activations_.at(primitive.inputs[0]).zero_point, zero = activations_.at(node).zero_point;
    std::vector<int>& table = tables_[node];
    for (int q = -128; q < 128; ++q) {
      const double value = table_function(primitive.op, (q - input_zero) * first) / output;
      table.push_back(std::clamp(static_cast<int>(std::nearbyint(value)), -128 - zero, 127 - zero));
    }
    table_tensors_[node] = at::tensor(std::vector<float>(table.begin(), table.end())).to(folded_.device());
    return;
  }
  multiplier_tensors_[node] = at::tensor(multiplier).to(folded_.device());
}

}  // namespace evaluators
