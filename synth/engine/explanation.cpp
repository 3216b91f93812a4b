// Puts evidence and predictions into words.
#include "synth/engine/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

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

// What the change would do by itself.
std::string effect_alone(Inquisitor& inquisitor, const search_space::DesignSpace& space, const Design& from,
                         const Design& alone) {
  if (!space.why_not(alone).empty()) return {};
  const Verdict before = inquisitor.judge(from), after = inquisitor.judge(alone);
  return fmt::format("; alone, {} accuracy {:+.2f} points, parameters {:+.1f} %, multiply-adds {:+.1f} %",
                     after.known ? "measured" : "predicted", 100 * (after.accuracy - before.accuracy),
                     percent_change(after.cost.parameters(), before.cost.parameters()),
                     percent_change(after.cost.multiply_adds, before.cost.multiply_adds));
}

}  // namespace

std::vector<std::string> explain(Inquisitor& inquisitor, Experiment& experiment, const std::vector<Design>& before,
                                 const std::vector<Design>& after) {
  const auto& space = experiment.space();
  struct Change {
    int seeds = 0;
    const Design* from = nullptr;  // the first seed's network before
  };
  std::map<std::tuple<int, int, int>, Change> changes;  // decision, value before, value after
  for (std::size_t seed = 0; seed < after.size(); ++seed)
    for (int decision = 0; decision < static_cast<int>(after[seed].size()); ++decision) {
      if (before[seed][decision] == after[seed][decision]) continue;
      if (!space.active(before[seed], decision) || !space.active(after[seed], decision)) continue;
      Change& change = changes[{decision, before[seed][decision], after[seed][decision]}];
      ++change.seeds;
      if (change.from == nullptr) change.from = &before[seed];
    }
  std::vector<std::pair<int, std::string>> sentences;
  for (const auto& [what, change] : changes) {
    const auto& [decision, from, to] = what;
    const auto& about = space.decisions()[decision];
    std::string text = fmt::format("{} {} -> {} in {} of {} networks", about.name, about.labels[from], about.labels[to],
                                   change.seeds, after.size());
    const Record* known = experiment.find(*change.from);
    if (known != nullptr && experiment.config().evidence && about.slot >= 0) {
      const std::string evidence = probed(known->evaluation.evidence, about.slot);
      if (!evidence.empty()) text += ": " + evidence;
    }
    Design alone = *change.from;
    alone[decision] = to;
    text += effect_alone(inquisitor, space, *change.from, space.canonical(std::move(alone)));
    sentences.emplace_back(-change.seeds, std::move(text));
  }
  std::stable_sort(sentences.begin(), sentences.end(),
                   [](const auto& first, const auto& second) { return first.first < second.first; });
  std::vector<std::string> result;
  for (auto& [order, text] : sentences) result.push_back(std::move(text));
  return result;
}

namespace {

// A kind that replaced another in one slot, in one network or several.
struct Replacement {
  double explained = 0, multiply_adds = 0;  // shares, summed
  int networks = 0;
};

// Of a slot's module; 0 where the space does not say. Part 0 is the stem.
double multiply_adds(const search_space::DesignSpace& space, const Design& design, int slot) {
  if (slot + 1 >= space.parts()) return 0;
  const auto cost = space.part_cost(design, slot + 1);
  return cost ? static_cast<double>(cost->multiply_adds) : 0;
}

}  // namespace

std::vector<std::string> explain_fits(Experiment& experiment, const std::vector<const Record*>& networks) {
  const auto& space = experiment.space();
  const auto& decisions = space.decisions();
  std::map<std::pair<int, std::string>, Replacement> replacements;  // by decision and change
  std::set<int> told;
  for (const Record* record : networks) {
    if (record->parent == 0 || !told.insert(record->id).second) continue;
    const Design& parent = experiment.records()[record->parent - 1]->design;
    for (const auto& fit : record->evaluation.evidence.fits)
      for (int i = 0; i < static_cast<int>(decisions.size()); ++i) {
        if (decisions[i].slot != fit.slot || decisions[i].ordinal() || parent[i] == record->design[i]) continue;
        if (!space.active(parent, i) || !space.active(record->design, i)) continue;
        const auto& labels = decisions[i].labels;
        Replacement& made = replacements[{i, labels[parent[i]] + " -> " + labels[record->design[i]]}];
        const double before = multiply_adds(space, parent, fit.slot);
        made.explained += fit.explained;
        made.multiply_adds += before > 0 ? multiply_adds(space, record->design, fit.slot) / before : 0;
        ++made.networks;
      }
  }
  std::vector<std::string> result;
  for (const auto& [change, made] : replacements) {
    std::string text = fmt::format("{} {}: fits {:.0f} % of the responses' variance", decisions[change.first].name,
                                   change.second, 100 * made.explained / made.networks);
    if (made.multiply_adds > 0)
      text += fmt::format(" at {:.2f} of the multiply-adds", made.multiply_adds / made.networks);
    result.push_back(std::move(text));
  }
  return result;
}

}  // namespace synth::engine
