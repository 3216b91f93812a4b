// The fake space and evaluator.
#include "tests/support/fake_evaluator.h"

#include <algorithm>
#include <cmath>

#include "search_space/random.h"

namespace support {
namespace {

constexpr int per_slot = 4;  // decisions: kind, width, groups (kind "grouped" only), inner (kind "bottleneck" only)
const std::vector<std::string> kinds = {"conv", "grouped", "bottleneck", "skip"};

search_space::Decision ordinal(const std::string& name, const std::vector<int>& numbers, int slot) {
  search_space::Decision decision;
  decision.name = name;
  decision.slot = slot;
  for (const int number : numbers) {
    decision.labels.push_back(std::to_string(number));
    decision.numbers.push_back(number);
  }
  return decision;
}

}  // namespace

FakeSpace::FakeSpace(int slots) : slots_(slots) {
  for (int slot = 0; slot < slots; ++slot) {
    const std::string prefix = "slot" + std::to_string(slot) + ".";
    search_space::Decision kind;
    kind.name = prefix + "kind";
    kind.labels = kinds;
    kind.slot = slot;
    const int kind_index = static_cast<int>(decisions_.size());
    decisions_.push_back(kind);
    decisions_.push_back(ordinal(prefix + "width", {4, 8, 16, 32, 64}, slot));
    for (const auto& [name, value, numbers] :
         {std::tuple{"groups", 1, std::vector<int>{1, 2, 4}}, std::tuple{"inner", 2, std::vector<int>{2, 4, 8, 16}}}) {
      search_space::Decision conditional = ordinal(prefix + name, numbers, slot);
      conditional.parent = kind_index;
      conditional.parent_value = value;
      decisions_.push_back(conditional);
    }
    for (const int value : {0, 4, 0, 0}) prototype_.push_back(value);
  }
}

search_space::Cost FakeSpace::cost(const search_space::Design& design) const {
  search_space::Cost cost;
  double before = 3;
  for (int slot = 0; slot < slots_; ++slot) {
    const int at = slot * per_slot;
    const double width = decisions_[at + 1].numbers[design[at + 1]];
    const double full = 9 * before * width;
    double weights = full;
    if (design[at] == 1) weights = full / decisions_[at + 2].numbers[design[at + 2]] + width * width;
    if (design[at] == 2) {
      const double inner = decisions_[at + 3].numbers[design[at + 3]];
      weights = inner * (before + width) + 9 * inner * inner;
    }
    if (design[at] == 3) weights = before * width;
    const double area = 32.0 * 32.0 / (1 << std::min(slot, 4));
    cost.weights += static_cast<std::int64_t>(weights);
    cost.biases += static_cast<std::int64_t>(width);
    cost.multiply_adds += static_cast<std::int64_t>(weights * area);
    cost.peak_activations = std::max(cost.peak_activations, static_cast<std::int64_t>((before + width) * area));
    before = width;
  }
  return cost;
}

std::string FakeSpace::key(const search_space::Design& design) const {
  std::string text;
  for (const int value : canonical(design)) text += std::to_string(value) + ",";
  return search_space::content_hash(text);
}

double FakeEvaluator::accuracy(const search_space::Design& design) const {
  double capacity = 0;
  int skips = 0;
  const int slots = static_cast<int>(design.size()) / per_slot;
  for (int slot = 0; slot < slots; ++slot) {
    const int* value = &design[slot * per_slot];
    double gain = 0.5 + 0.25 * value[1] - 0.02 * value[1] * value[1];
    if (value[0] == 1) gain -= 0.03 * value[2];
    if (value[0] == 2) gain -= 0.25 - 0.07 * value[3];
    if (value[0] == 3) {
      gain *= 0.4;
      ++skips;
    }
    capacity += gain * (1 + 0.3 * slot) / (1 + 0.15 * slots);
  }
  return std::clamp(0.97 - 0.5 * std::exp(-1.1 * capacity) - 0.03 * skips * skips / slots, 0.05, 1.0);
}

evaluators::Evaluation FakeEvaluator::evaluate(const evaluators::Request& request) const {
  ++calls;
  if (hook) hook(request);
  if (request.stop != nullptr && request.stop->load()) throw evaluators::Stopped{};
  search_space::Random random(request.seed);
  evaluators::Evaluation evaluation;
  evaluation.cost = space_.cost(request.design);
  if (diverge_every > 0 && request.design != space_.prototype() && random.below(diverge_every) == 0) {
    evaluation.outcome = evaluators::Outcome::diverged;
    evaluation.message = "loss is not finite";
    return evaluation;
  }
  const double inherited = request.parent ? 0.002 : 0.0;  // a tuned child is a little better than one from scratch
  evaluation.accuracy = std::clamp(accuracy(request.design) + inherited + noise * random.normal(), 0.0, 1.0);
  evaluation.float_accuracy = evaluation.accuracy;
  evaluation.samples = samples;
  if (weights) evaluation.weights = "weights of " + request.key;
  for (std::size_t kind = 0; fits && request.parent && kind < request.design.size(); kind += per_slot)
    if (request.design[kind] != request.parent->design[kind])
      evaluation.evidence.fits.push_back({static_cast<int>(kind) / per_slot, 0.8});
  if (evidence) {
    for (int slot = 0; slot < static_cast<int>(request.design.size()) / per_slot; ++slot) {
      evaluators::LayerEvidence layer;
      layer.layer = "slot" + std::to_string(slot) + ".conv";
      layer.slot = slot;
      layer.effective_rank = 1.0 / (1 + request.design[slot * per_slot + 1]);
      layer.quantisation_snr_db = 30;
      evaluation.evidence.layers.push_back(layer);
      evaluation.evidence.slots.push_back({slot, 0.05 * (slot + 1)});
    }
  }
  return evaluation;
}

}  // namespace support
