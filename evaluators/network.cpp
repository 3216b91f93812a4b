// The executor of graphs: parameters, their initial values, and one LibTorch call per primitive.
#include "evaluators/network.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <utility>

#include "evaluators/batch_norm.h"
#include "evaluators/convolution.h"
#include "evaluators/depthwise.h"

namespace evaluators {

using search_space::Graph;
using search_space::Node;
using search_space::Op;
using torch::Tensor;

namespace {

// Kaiming's normal distribution in fan-out mode, which keeps the variance of gradients (He et al. 2015, section 2.2).
Tensor kaiming(torch::IntArrayRef sizes, int fan_out, at::Generator& generator) {
  return at::empty(sizes, torch::kFloat32).normal_(0.0, std::sqrt(2.0 / fan_out), generator);
}

Tensor channel_shuffle(const Tensor& x, int groups) {
  // Channels are innermost while they are permuted, so that the result is channels-last again without a copy.
  const auto n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
  return x.permute({0, 2, 3, 1})
      .reshape({n, h, w, groups, c / groups})
      .transpose(3, 4)
      .reshape({n, h, w, c})
      .permute({0, 3, 1, 2});
}

std::string tensor_prefix(const Graph& graph, int index) {
  const Node& node = graph.nodes[index];
  if (node.op != Op::batch_norm) return graph.full_name(index);
  const int from = node.inputs[0];
  return graph.nodes[from].op == Op::conv2d ? graph.full_name(from) + ".bn" : graph.full_name(index);
}

}  // namespace

Network::Network(Graph graph, std::uint64_t seed, torch::Device device)
    : graph_(std::move(graph)), device_(device), tensors_(graph_.nodes.size()) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    NodeTensors& tensors = tensors_[i];
    const int out = node.output.channels;
    if (node.op == Op::conv2d) {
      const int in = graph_.input_channels(node) / node.groups;
      tensors.weight =
          kaiming({out, in, node.kernel, node.kernel}, out / node.groups * node.kernel * node.kernel, generator);
      if (node.bias) tensors.bias = at::zeros({out});
    } else if (node.op == Op::linear) {
      const auto in = graph_.nodes[node.inputs[0]].output.elements();
      // A small start of the classifier keeps the first losses near log(classes).
      tensors.weight = at::empty({out, in}).normal_(0.0, 1.0 / std::sqrt(static_cast<double>(in)), generator);
      tensors.bias = at::zeros({out});
    } else if (node.op == Op::batch_norm) {
      tensors = {at::ones({out}), at::zeros({out}), at::zeros({out}), at::ones({out})};
    } else if (node.op == Op::scale) {
      tensors.weight = at::ones({out});
    }
    for (Tensor* tensor : {&tensors.weight, &tensors.bias, &tensors.running_mean, &tensors.running_var})
      if (tensor->defined()) *tensor = tensor->to(device_);
    for (Tensor* tensor : {&tensors.weight, &tensors.bias})
      if (tensor->defined()) tensor->set_requires_grad(true);
  }
  plain_ = plan(/*fused=*/false);
  fused_ = plan(/*fused=*/true);
}

Tensor Network::forward(const Tensor& images, bool training) {
  // The fused kernels are for channels-last memory of a processor, and have no gradient through running statistics.
  const bool fused = device_.is_cpu() && (training || !at::GradMode::is_enabled());
  return run(fused ? fused_ : plain_, images, training, {});
}

Tensor Network::forward_with_hook(const Tensor& images, bool training, const Hook& hook) {
  return run(plain_, images, training, hook);
}

Tensor Network::forward_observed(const Tensor& images, bool training, const std::set<int>& observed, const Hook& hook) {
  const bool fused = device_.is_cpu() && (training || !at::GradMode::is_enabled());
  return run(plan(fused, observed), images, training, hook);
}

Network::Steps Network::plan(bool fused, const std::set<int>& observed) const {
  const auto& nodes = graph_.nodes;
  const std::vector<int> uses = graph_.use_counts();
  std::vector<int> absorbed(nodes.size(), -1);  // per node: the batch norm that its step computes too
  std::vector<bool> done_elsewhere(nodes.size(), false);
  const auto absorb = [&](int index) {
    const Node& node = nodes[index];
    if (node.op == Op::batch_norm) absorbed[index] = index;
    if (node.op != Op::relu && node.op != Op::add) return;
    for (int input : node.inputs) {
      if (input < 0 || absorbed[input] < 0 || uses[input] != 1 || observed.contains(input)) continue;
      if (node.op == Op::add && nodes[input].op != Op::batch_norm) continue;
      absorbed[index] = absorbed[input];
      done_elsewhere[input] = true;
      return;
    }
  };
  Steps steps;
  for (int i = 0; fused && i < static_cast<int>(nodes.size()); ++i) absorb(i);
  std::vector<int> last_reader(nodes.size(), -1);
  for (int i = 0; i < static_cast<int>(nodes.size()); ++i) {
    if (done_elsewhere[i]) continue;
    Step step{i, absorbed[i], -1, false, {}};
    step.depthwise = fused && nodes[i].op == Op::conv2d && !nodes[i].bias &&
                     is_depthwise(graph_.input_channels(nodes[i]), nodes[i].groups, nodes[i].kernel);
    // From the step's last node back to its batch norm; an addition on the way brings the residual.
    for (int at = i; step.batch_norm >= 0 && at != step.batch_norm;) {
      const auto [first, second] = nodes[at].inputs;
      const bool through_first =
          first == step.batch_norm || (done_elsewhere[first] && absorbed[first] == step.batch_norm);
      if (nodes[at].op == Op::add) step.residual = through_first ? second : first;
      at = through_first ? first : second;
    }
    const int source = step.batch_norm >= 0 ? step.batch_norm : i;
    for (int input : nodes[source].inputs)
      if (input >= 0) last_reader[input] = static_cast<int>(steps.size());
    if (step.residual >= 0) last_reader[step.residual] = static_cast<int>(steps.size());
    steps.push_back(std::move(step));
  }
  for (int i = 0; i < static_cast<int>(nodes.size()); ++i)
    if (last_reader[i] >= 0) steps[last_reader[i]].releases.push_back(i);
  return steps;
}

Tensor Network::run(const Steps& steps, const Tensor& images, bool training, const Hook& hook) {
  std::vector<Tensor> values(graph_.nodes.size());
  const Tensor none;
  const auto value = [&](int node) -> const Tensor& { return node < 0 ? none : values[node]; };
  for (const Step& step : steps) {
    const Node& node = graph_.nodes[step.node];
    if (step.batch_norm >= 0) {
      const NodeTensors& t = tensors_[step.batch_norm];
      values[step.node] =
          fused_batch_norm(value(graph_.nodes[step.batch_norm].inputs[0]), value(step.residual),
                           {t.weight, t.bias, t.running_mean, t.running_var}, training, node.op == Op::relu);
    } else if (step.depthwise) {
      values[step.node] =
          depthwise_conv(value(node.inputs[0]), tensors_[step.node].weight, {node.stride, node.padding});
    } else {
      const Tensor& first = node.op == Op::input ? images : value(node.inputs[0]);
      values[step.node] = run_node(step.node, first, value(node.inputs[1]), training);
    }
    if (hook) hook(step.node, values[step.node]);
    for (int released : step.releases) values[released] = Tensor();
  }
  return values.back().flatten(1).to(torch::kFloat32);
}

Tensor Network::run_node(int index, const Tensor& x, const Tensor& y, bool training) {
  const Node& node = graph_.nodes[index];
  const NodeTensors& t = tensors_[index];
  const std::array<std::int64_t, 2> kernel = {node.kernel, node.kernel}, stride = {node.stride, node.stride},
                                    padding = {node.padding, node.padding}, one = {1, 1};
  const auto typed = [&x](const Tensor& parameter) {
    return parameter.defined() && parameter.scalar_type() != x.scalar_type() ? parameter.to(x.scalar_type())
                                                                             : parameter;
  };
  switch (node.op) {
    case Op::conv2d:
      return convolution(x, typed(t.weight), typed(t.bias), {node.stride, node.padding, node.groups});
    case Op::linear:
      return at::linear(x.flatten(1).to(torch::kFloat32), t.weight, t.bias).unsqueeze(-1).unsqueeze(-1);
    case Op::batch_norm:
      return at::batch_norm(x, t.weight, t.bias, t.running_mean, t.running_var, training, batch_norm_momentum,
                            batch_norm_epsilon, true);
    case Op::relu:
      return at::relu(x);
    case Op::hard_swish:
      return at::hardswish(x);
    case Op::sigmoid:
      return at::sigmoid(x);
    case Op::hard_sigmoid:
      return at::hardsigmoid(x);
    case Op::max_pool:
      return at::max_pool2d(x, kernel, stride, padding, one, node.ceil_mode);
    case Op::avg_pool:
      return at::avg_pool2d(x, kernel, stride, padding, node.ceil_mode, /*count_include_pad=*/false);
    case Op::upsample_nearest:
      return at::upsample_nearest2d(x, {node.output.height, node.output.width});
    case Op::multiply:
      return x * y.to(x.scalar_type());  // a gate computed in float32 from pooled values
    case Op::add:
      return x + y;
    case Op::scale:
      return x * typed(t.weight).view({1, -1, 1, 1});
    case Op::concat:
      return at::cat({x, y}, 1);
    case Op::slice:
      return x.narrow(1, node.first_channel, node.output.channels);
    case Op::channel_shuffle:
      return channel_shuffle(x, node.groups);
    case Op::global_avg_pool:
      return at::mean(x, {2, 3}, /*keepdim=*/true, torch::kFloat32);
    case Op::input:
    case Op::softmax:
    case Op::identity:
      return x;
  }
  throw std::logic_error("unknown primitive");
}

std::vector<Tensor> Network::parameters() const {
  std::vector<Tensor> result;
  for (const NodeTensors& tensors : tensors_) {
    if (tensors.weight.defined()) result.push_back(tensors.weight);
    if (tensors.bias.defined()) result.push_back(tensors.bias);
  }
  return result;
}

std::map<std::string, Tensor> Network::named_tensors() const {
  std::map<std::string, Tensor> result;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const NodeTensors& tensors = tensors_[i];
    const std::string prefix = tensor_prefix(graph_, static_cast<int>(i));
    const bool scale = graph_.nodes[i].op == Op::scale;
    if (tensors.weight.defined()) result[prefix + (scale ? ".scale" : ".weight")] = tensors.weight;
    if (tensors.bias.defined()) result[prefix + ".bias"] = tensors.bias;
    if (tensors.running_mean.defined()) result[prefix + ".running_mean"] = tensors.running_mean;
    if (tensors.running_var.defined()) result[prefix + ".running_var"] = tensors.running_var;
  }
  return result;
}

void Network::set_memory_format_channels_last() {
  at::NoGradGuard no_grad;
  for (NodeTensors& tensors : tensors_)
    if (tensors.weight.defined() && tensors.weight.dim() == 4)
      tensors.weight.set_data(tensors.weight.contiguous(at::MemoryFormat::ChannelsLast));
}

}  // namespace evaluators
