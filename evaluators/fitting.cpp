// Block-wise distillation of fresh modules.
#include "evaluators/fitting.h"

#include <ATen/ATen.h>
#include <torch/optim/adam.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "evaluators/batches.h"
#include "evaluators/evaluator.h"
#include "evaluators/optimiser.h"
#include "evaluators/training.h"

namespace evaluators {

using torch::Tensor;

namespace {

constexpr double warmup = 0.1;
constexpr double least_variance = 1e-8;  // of a response that is constant

// The child's responses in the slots. `detach`: what slots put out is cut from what made it, so that each error reaches
// its own module alone.
std::vector<Tensor> responses_of(Network& child, const std::vector<FreshSlot>& slots, const Tensor& images,
                                 bool training, bool detach) {
  std::vector<Tensor> responses(slots.size());
  std::set<int> observed, cut;
  for (const FreshSlot& fresh : slots) observed.insert(fresh.node);
  const auto& nodes = child.graph().nodes;
  for (int i = 0; detach && i + 1 < static_cast<int>(nodes.size()); ++i)
    if (nodes[i + 1].slot != nodes[i].slot) cut.insert(i);
  observed.insert(cut.begin(), cut.end());
  child.forward_observed(images, training, observed, [&](int node, Tensor& value) {
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (slots[i].node == node) responses[i] = value;
    if (cut.contains(node)) value = value.detach();
  });
  return responses;
}

struct Target {
  Tensor response;  // of the continued channels
  Tensor channels;  // of the child, int64
};

std::vector<Target> targets(Network& parent, const std::vector<FreshSlot>& slots, const Tensor& images) {
  at::NoGradGuard no_grad;
  std::vector<Target> result(slots.size());
  std::vector<Tensor> from(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    std::vector<std::int64_t> child_channels, parent_channels;
    for (std::size_t channel = 0; channel < slots[i].channels.size(); ++channel) {
      if (slots[i].channels[channel] < 0) continue;
      child_channels.push_back(static_cast<std::int64_t>(channel));
      parent_channels.push_back(slots[i].channels[channel]);
    }
    result[i].channels = at::tensor(child_channels, at::kLong).to(parent.device());
    from[i] = at::tensor(parent_channels, at::kLong).to(parent.device());
  }
  std::set<int> observed;
  for (const FreshSlot& fresh : slots) observed.insert(fresh.parent_node);
  parent.forward_observed(images, /*training=*/false, observed, [&](int node, Tensor& value) {
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (slots[i].parent_node == node) result[i].response = value.index_select(1, from[i]).to(torch::kFloat32);
  });
  return result;
}

// Per channel.
Tensor variance(const Tensor& response) {
  return response.var(std::vector<std::int64_t>{0, 2, 3}, /*unbiased=*/false);
}

// Mean squared error per channel.
Tensor squared_error(const Tensor& response, const Target& target) {
  const Tensor difference = response.index_select(1, target.channels).to(torch::kFloat32) - target.response;
  return difference.square().mean(std::vector<std::int64_t>{0, 2, 3});
}

std::vector<Tensor> parameters_of(const Network& network, const std::vector<FreshSlot>& slots) {
  std::vector<std::string> prefixes;
  const auto& graph = network.graph();
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i)
    for (const FreshSlot& fresh : slots)
      if (graph.nodes[i].slot == fresh.slot && graph.nodes[i].module != "shortcut")
        prefixes.push_back(graph.full_name(i) + ".");
  std::vector<Tensor> result;
  for (const auto& [name, tensor] : network.named_tensors()) {
    const bool own = std::any_of(prefixes.begin(), prefixes.end(),
                                 [&name = name](const std::string& prefix) { return name.starts_with(prefix); });
    if (own && tensor.requires_grad()) result.push_back(tensor);
  }
  return result;
}

// On the probe split, which no training saw: 1 - squared error / variance, per slot.
std::vector<FitEvidence> explained(Network& child, Network& parent, const std::vector<FreshSlot>& slots,
                                   const DataSet& data) {
  at::NoGradGuard no_grad;
  std::vector<FitEvidence> result;
  constexpr int images = 128;
  const int count = std::min(images, data.probe.size());
  if (count == 0) return std::vector<FitEvidence>(slots.size());
  const Tensor batch = to_batch(data.probe, 0, count, data, child.device());
  const std::vector<Target> wanted = targets(parent, slots, batch);
  const std::vector<Tensor> found = responses_of(child, slots, batch, /*training=*/false, /*detach=*/false);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const double error = squared_error(found[i], wanted[i]).sum().item<double>();
    const double share = 1 - error / std::max(least_variance, variance(wanted[i].response).sum().item<double>());
    result.push_back({slots[i].slot, std::isfinite(share) ? std::max(0.0, share) : 0.0});
  }
  return result;
}

std::map<std::string, Tensor> copies_of(const Network& network) {
  std::map<std::string, Tensor> result;
  for (const auto& [name, tensor] : network.named_tensors()) result[name] = tensor.detach().clone();
  return result;
}

// False if anything had become infinite or undefined: then all is as it was.
bool restored_if_broken(Network& network, const std::map<std::string, Tensor>& before) {
  at::NoGradGuard no_grad;
  auto tensors = network.named_tensors();
  const bool finite = std::all_of(tensors.begin(), tensors.end(),
                                  [](const auto& named) { return at::isfinite(named.second).all().template item<bool>(); });
  if (!finite)
    for (auto& [name, tensor] : tensors) tensor.copy_(before.at(name));
  return finite;
}

std::vector<FitEvidence> silenced(Network& network, const std::vector<FreshSlot>& slots) {
  std::vector<FitEvidence> result;
  for (const FreshSlot& fresh : slots) {
    silence(network, fresh.slot);
    result.push_back({fresh.slot, 0});
  }
  return result;
}

}  // namespace

std::vector<FitEvidence> fit(Network& child, Network& parent, const std::vector<FreshSlot>& slots, const DataSet& data,
                             const FitSettings& settings, std::uint64_t seed, const std::atomic<bool>* stop) {
  if (slots.empty()) return {};
  for (Network* network : {&child, &parent})
    if (network->device().is_cpu()) network->set_memory_format_channels_last();
  const int batch = std::min(settings.batch_size, data.train.size());
  const int steps = static_cast<int>(std::max(1.0, std::round(settings.epochs * data.train.size() / batch)));
  const bool bf16 = settings.bf16 && (!child.device().is_cpu() || cpu_has_bf16());
  const double peak = settings.learning_rate;
  const auto before = copies_of(child);
  BatchStream stream(data, batch, /*augment=*/false, seed);
  torch::optim::Adam optimiser(parameters_of(child, slots), torch::optim::AdamOptions(peak));
  std::vector<Tensor> variances(slots.size());
  for (int step = 0; step < steps; ++step) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) throw Stopped{};
    const Tensor images = stream.next(bf16 ? torch::kBFloat16 : torch::kFloat32, child.device()).first;
    const std::vector<Target> wanted = targets(parent, slots, images);
    const std::vector<Tensor> found = responses_of(child, slots, images, /*training=*/true, /*detach=*/true);
    Tensor loss = at::zeros({}, at::TensorOptions(torch::kFloat32).device(child.device()));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      // Of all channels alike: one that hardly varies must not count as much as the others.
      if (step == 0) variances[i] = variance(wanted[i].response).mean().clamp_min(least_variance);
      loss = loss + squared_error(found[i], wanted[i]).sum() / variances[i];
    }
    optimiser.zero_grad();
    loss.backward();
    static_cast<torch::optim::AdamOptions&>(optimiser.param_groups()[0].options())
        .lr(peak * rate_at(step, steps, warmup));
    optimiser.step();
  }
  if (!restored_if_broken(child, before)) return silenced(child, slots);
  std::vector<FitEvidence> result = explained(child, parent, slots, data);
  for (const FitEvidence& evidence : result)
    if (evidence.explained <= 0) silence(child, evidence.slot);
  return result;
}

}  // namespace evaluators
