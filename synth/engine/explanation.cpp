// Puts evidence and predictions into words.
#include "synth/engine/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace synth::engine {
namespace {

using search_space::Design;

// What probing the centre's network showed of a slot; empty without evidence.
std::string probed(const evaluators::Evidence& evidence, int slot) {
  std::string text;
  for (const auto& found : evidence.slots) {
    if (found.slot != slot) continue;
    const auto rank = 1 + std::count_if(evidence.slots.begin(), evidence.slots.end(), [&](const auto& other) {
                        return other.bypass_loss_change < found.bypass_loss_change;
                      });
    text += fmt::format("bypassing the slot changed the loss by {:+.3f} (rank {} of {}, 1 = least needed)",
                        found.bypass_loss_change, rank, evidence.slots.size());
  }
  double rank = 0;
  int layers = 0;
  for (const auto& layer : evidence.layers) {
    if (layer.slot != slot || layer.effective_rank <= 0) continue;
    rank += layer.effective_rank;
    ++layers;
  }
  if (layers > 0) text += fmt::format("{}effective rank of its layers {:.2f}", text.empty() ? "" : ", ", rank / layers);
  return text;
}

double percent_change(std::int64_t after, std::int64_t before) {
  return before == 0 ? 0 : 100.0 * (static_cast<double>(after) / static_cast<double>(before) - 1);
}

}  // namespace

std::vector<std::string> explain(Inquisitor& inquisitor, Experiment& experiment, const Design& centre,
                                 const std::vector<Design>& designs) {
  const auto& space = experiment.space();
  std::map<std::pair<int, int>, int> changes;  // decision and new value: how many seeds
  for (const Design& design : designs)
    for (int decision = 0; decision < static_cast<int>(design.size()); ++decision)
      if (design[decision] != centre[decision] && space.active(design, decision) && space.active(centre, decision))
        ++changes[{decision, design[decision]}];
  std::vector<std::pair<int, std::string>> sentences;
  const Record* known = experiment.find(centre);
  const Verdict before = inquisitor.judge(centre);
  for (const auto& [change, seeds] : changes) {
    const auto& decision = space.decisions()[change.first];
    std::string text =
        fmt::format("{} {} -> {} in {} of {} networks", decision.name, decision.labels[centre[change.first]],
                    decision.labels[change.second], seeds, designs.size());
    if (known != nullptr && experiment.config().evidence && decision.slot >= 0) {
      const std::string evidence = probed(known->evaluation.evidence, decision.slot);
      if (!evidence.empty()) text += ": " + evidence;
    }
    Design alone = centre;
    alone[change.first] = change.second;
    alone = space.canonical(std::move(alone));
    if (space.why_not(alone).empty()) {
      const Verdict& after = inquisitor.judge(alone);
      text += fmt::format("; alone, {} accuracy {:+.2f} %, parameters {:+.1f} %, multiply-adds {:+.1f} %",
                          after.known ? "measured" : "predicted", 100 * (after.accuracy - before.accuracy),
                          percent_change(after.cost.parameters(), before.cost.parameters()),
                          percent_change(after.cost.multiply_adds, before.cost.multiply_adds));
    }
    sentences.emplace_back(-seeds, std::move(text));
  }
  std::stable_sort(sentences.begin(), sentences.end(),
                   [](const auto& first, const auto& second) { return first.first < second.first; });
  std::vector<std::string> result;
  for (auto& [order, text] : sentences) result.push_back(std::move(text));
  return result;
}

}  // namespace synth::engine
