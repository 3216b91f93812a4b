// Choosing members.
#include "synth/cli/family_choice.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "synth/engine/kinds.h"

namespace synth::cli {

namespace {

using results_db::Record;

bool eligible(const report::RunView& view, const Record& record) {
  return record.feasible && record.evaluation.cost.parameters() < view.records.front().evaluation.cost.parameters();
}

// The best network of each accepted generator, in order, each network once.
std::vector<FamilyCandidate> best_per_generator(const report::RunView& view, std::set<int>& used) {
  std::vector<FamilyCandidate> stages;
  for (const auto& generator : view.generators) {
    if (!generator.accepted) continue;
    const Record* best = nullptr;
    for (const int id : generator.networks) {
      const Record& record = view.record(id);
      if (!eligible(view, record) || used.contains(id)) continue;
      if (best == nullptr || record.performance > best->performance) best = &record;
    }
    if (best == nullptr) continue;
    used.insert(best->id);
    stages.push_back({best->id, generator.index});
  }
  return stages;
}

// Further networks, the highest U first: of accepted generators, then any other that is feasible.
void fill_up(const report::RunView& view, std::set<int>& used, int members, std::vector<FamilyCandidate>& chosen) {
  std::vector<FamilyCandidate> accepted, others;
  const auto take = [&](int id, int generator, std::vector<FamilyCandidate>& into) {
    if (eligible(view, view.record(id)) && used.insert(id).second) into.push_back({id, generator});
  };
  for (const auto& generator : view.generators) {
    if (!generator.accepted) continue;
    for (const int id : generator.networks) take(id, generator.index, accepted);
  }
  for (const Record& record : view.records) take(record.id, view.generator_of(record.id), others);
  for (std::vector<FamilyCandidate>* rest : {&accepted, &others}) {
    std::stable_sort(rest->begin(), rest->end(), [&](const FamilyCandidate& first, const FamilyCandidate& second) {
      return view.record(first.network).performance > view.record(second.network).performance;
    });
    for (const FamilyCandidate& candidate : *rest) {
      if (static_cast<int>(chosen.size()) >= members) return;
      chosen.push_back(candidate);
    }
  }
}

}  // namespace

std::vector<FamilyCandidate> choose_family(const report::RunView& view, int members) {
  std::set<int> used;
  const std::vector<FamilyCandidate> stages = best_per_generator(view, used);
  std::vector<FamilyCandidate> chosen;
  const int available = static_cast<int>(stages.size());
  if (available <= members) {
    chosen = stages;
    fill_up(view, used, members, chosen);
  } else if (members == 1) {
    chosen.push_back(stages.back());
  } else {
    for (int i = 0; i < members; ++i)
      chosen.push_back(stages[(i * (available - 1) + (members - 1) / 2) / (members - 1)]);
  }
  std::stable_sort(chosen.begin(), chosen.end(), [&](const FamilyCandidate& first, const FamilyCandidate& second) {
    const auto cost = [&](const FamilyCandidate& one) { return view.record(one.network).evaluation.cost; };
    return cost(first).parameters() > cost(second).parameters();
  });
  return chosen;
}

std::vector<FamilyCandidate> choose_distinct_kinds(const report::RunView& view, int members) {
  std::map<std::string, const Record*> best;
  for (const Record& record : view.records) {
    if (!eligible(view, record)) continue;
    const Record*& known = best[engine::main_kind(*view.space, record.design)];
    if (known == nullptr || record.performance > known->performance) known = &record;
  }
  std::vector<const Record*> chosen;
  for (const auto& [kind, record] : best) chosen.push_back(record);
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Record* a, const Record* b) { return a->performance > b->performance; });
  if (static_cast<int>(chosen.size()) > members) chosen.resize(members);
  std::stable_sort(chosen.begin(), chosen.end(), [](const Record* a, const Record* b) {
    return a->evaluation.cost.parameters() > b->evaluation.cost.parameters();
  });
  std::vector<FamilyCandidate> result;
  for (const Record* record : chosen) result.push_back({record->id, view.generator_of(record->id)});
  return result;
}

std::optional<FamilyCandidate> next_larger(const report::RunView& view, const std::vector<FamilyCandidate>& chosen,
                                           int than) {
  const auto parameters = [&](int id) { return view.record(id).evaluation.cost.parameters(); };
  std::set<int> used;
  for (const FamilyCandidate& candidate : chosen) used.insert(candidate.network);
  std::vector<FamilyCandidate> rest;
  fill_up(view, used, static_cast<int>(view.records.size()), rest);
  std::optional<FamilyCandidate> next;
  for (const FamilyCandidate& candidate : rest) {
    if (parameters(candidate.network) <= parameters(than)) continue;
    if (!next || parameters(candidate.network) < parameters(next->network)) next = candidate;
  }
  return next;
}

}  // namespace synth::cli
