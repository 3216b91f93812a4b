// Joins the best of every part over the decisions that neighbouring parts share (dynamic programming).
#include "synth/engine/cost_search.h"

#include <algorithm>
#include <limits>

#include "search_space/random.h"

namespace synth::engine {

using search_space::Cost;
using search_space::Design;

namespace {

constexpr double nothing = std::numeric_limits<double>::infinity();
constexpr int restarts_of_whole = 4;  // a space in one piece has more local optima than a slot

void add(Cost& total, const Cost& part) {
  total.weights += part.weights;
  total.biases += part.biases;
  total.multiply_adds += part.multiply_adds;
  total.peak_activations = std::max(total.peak_activations, part.peak_activations);
  total.deployment.add(part.deployment);
}

}  // namespace

struct CostSearch::State {
  std::vector<int> alive;    // values of leaving_
  std::vector<int> entered;  // values of entering_
  double value;
  int before;  // index of the state that it comes from
  const Best* best;
};

CostSearch::CostSearch(const search_space::DesignSpace& space)
    : space_(space),
      children_(space.opened()),
      own_(space.parts()),
      roots_(space.parts()),
      shared_(space.parts()),
      entering_(space.parts()),
      leaving_(space.parts()),
      design_(space.prototype()) {
  const auto& decisions = space.decisions();
  for (int i = 0; i < static_cast<int>(decisions.size()); ++i) {
    const std::vector<int>& touched = touched_.emplace_back(space.parts_touched(i));
    if (touched.size() == 1) {
      own_[touched[0]].push_back(i);
      if (decisions[i].parent < 0) roots_[touched[0]].push_back(i);
      continue;
    }
    for (const int part : touched) shared_[part].push_back(i);
    entering_[touched.front()].push_back(i);
    for (int part = touched.front(); part < touched.back(); ++part) leaving_[part].push_back(i);
  }
}

std::vector<Design> CostSearch::least(const std::vector<PartMeasure>& measures) {
  bests_.clear();
  std::vector<Design> found;
  for (std::size_t i = 0; i < measures.size(); ++i) found.push_back(least(measures, i));
  return found;
}

Design CostSearch::least(const std::vector<PartMeasure>& measures, std::size_t measure) {
  std::vector<std::vector<State>> states = {{{{}, {}, measures[measure].greatest ? -nothing : 0, -1, nullptr}}};
  const int count = space_.parts();
  for (int part = 0; part < count; ++part) states.push_back(advance(part, states.back(), measures, measure));
  // Nothing leaves the last part: one state.
  for (int part = count - 1, at = 0; part >= 0; --part) {
    const State& state = states[part + 1][at];
    set_all(entering_[part], state.entered);
    set_all(own_[part], state.best->own);
    at = state.before;
  }
  return space_.canonical(design_);
}

std::vector<CostSearch::State> CostSearch::advance(int part, const std::vector<State>& before,
                                                   const std::vector<PartMeasure>& measures, std::size_t measure) {
  std::map<std::vector<int>, State> after;
  const std::vector<int>& entering = entering_[part];
  for (int from = 0; from < static_cast<int>(before.size()); ++from) {
    if (part > 0) set_all(leaving_[part - 1], before[from].alive);
    std::vector<int> entered(entering.size(), 0);
    for (bool more = true; more;) {
      set_all(entering, entered);
      const Best& best = bests(part, measures)[measure];
      const double value =
          measures[measure].greatest ? std::max(before[from].value, best.value) : before[from].value + best.value;
      const std::vector<int> alive = values_of(leaving_[part]);
      const auto known = after.find(alive);
      if (known == after.end() || value < known->second.value) {
        after.insert_or_assign(alive, State{alive, entered, value, from, &best});
      }
      more = false;
      for (std::size_t i = 0; i < entered.size() && !more; ++i) {
        more = ++entered[i] < space_.decisions()[entering[i]].size();
        if (!more) entered[i] = 0;
      }
    }
  }
  std::vector<State> states;
  for (auto& [alive, state] : after) states.push_back(std::move(state));
  return states;
}

// All measures at once, since most of their descents cost the same modules.
const std::vector<CostSearch::Best>& CostSearch::bests(int part, const std::vector<PartMeasure>& measures) {
  const int like = space_.like(part);
  std::vector<Best>& found = bests_[{like, values_of(shared_[part])}];
  if (!found.empty()) return found;
  costs_.clear();
  for (const PartMeasure& measure : measures) {
    const double value = settle(like, roots_[like], measure.of, space_.parts() == 1 ? restarts_of_whole : 0);
    found.push_back({value, values_of(own_[like])});
  }
  return found;
}

// Gives decisions of one part, all with the same parent, their best values, whatever their present ones.
double CostSearch::settle(int part, const std::vector<int>& decisions, const CostMeasure& of, int restarts) {
  search_space::Random random(search_space::stream_seed(0, "cost range", "restart"));
  // A single decision takes its best value from anywhere.
  const int starts = decisions.size() < 2 ? 1 : 2 + restarts;
  double best = nothing;
  std::vector<int> kept;
  for (int start = 0; start < starts; ++start) {
    for (const int decision : decisions) {
      const int size = space_.decisions()[decision].size();
      set(decision, start == 0 ? 0 : start == 1 ? size - 1 : random.below(size));
    }
    const double found = sweep(part, decisions, of);
    if (start > 0 && found >= best) continue;
    best = found;
    kept = values_of(own_[part]);
  }
  set_all(own_[part], kept);
  return best;
}

// Coordinate descent. A value is judged after what it opens has been settled: at its first values, a module kind may be
// dear that is the cheapest at its best.
double CostSearch::sweep(int part, const std::vector<int>& decisions, const CostMeasure& of) {
  double best = value(part, of);
  for (bool changed = true; changed;) {
    changed = false;
    for (const int decision : decisions) {
      std::vector<int> kept = values_of(own_[part]);
      for (int index = 0, present = design_[decision]; index < space_.decisions()[decision].size(); ++index) {
        const std::vector<int>& opened = children_[decision][index];
        if (index == present && opened.empty()) continue;
        set(decision, index);
        const double found = opened.empty() ? value(part, of) : settle(part, opened, of, 0);
        if (found < best) {
          best = found;
          kept = values_of(own_[part]);
          changed = true;
        }
        set_all(own_[part], kept);
      }
    }
    if (decisions.size() < 2) break;
  }
  return best;
}

double CostSearch::value(int part, const CostMeasure& of) {
  const auto [found, added] = costs_.try_emplace(values_of(own_[part]));
  if (added) found->second = space_.part_cost(design_, part);
  return found->second ? of(*found->second) : nothing;
}

Design CostSearch::descend(Design start, const CostMeasure& of_whole) {
  design_ = std::move(start);
  parts_.clear();
  for (int part = 0; part < space_.parts(); ++part) parts_.push_back(*space_.part_cost(design_, part));
  double best = of_whole(rest({}));
  for (bool changed = true; changed;) {
    changed = false;
    for (int decision = 0; decision < static_cast<int>(design_.size()); ++decision) {
      if (touched_[decision].size() > 1) changed |= improve_shared(decision, of_whole);
    }
    best = of_whole(rest({}));
    for (int part = 0; part < space_.parts(); ++part) {
      const Cost others = rest({part});
      const std::vector<int> kept = values_of(own_[part]);
      costs_.clear();
      const double found = settle(
          part, roots_[part],
          [&](const Cost& own) {
            Cost whole = others;
            add(whole, own);
            return of_whole(whole);
          },
          0);
      if (found < best) {
        best = found;
        parts_[part] = *space_.part_cost(design_, part);
        changed = true;
      } else {
        set_all(own_[part], kept);
      }
    }
  }
  return space_.canonical(design_);
}

bool CostSearch::improve_shared(int decision, const CostMeasure& of_whole) {
  const std::vector<int>& touched = touched_[decision];
  const Cost others = rest(touched);
  double best = of_whole(rest({}));
  int kept = design_[decision];
  bool changed = false;
  for (int value = 0; value < space_.decisions()[decision].size(); ++value) {
    design_[decision] = value;
    Cost whole = others;
    std::vector<Cost> found;
    for (const int part : touched) {
      const std::optional<Cost> cost = space_.part_cost(design_, part);
      if (!cost) break;
      add(whole, found.emplace_back(*cost));
    }
    if (found.size() == touched.size() && of_whole(whole) < best) {
      best = of_whole(whole);
      kept = value;
      for (std::size_t i = 0; i < touched.size(); ++i) parts_[touched[i]] = found[i];
      changed = true;
    }
  }
  design_[decision] = kept;
  return changed;
}

Cost CostSearch::rest(const std::vector<int>& left_out) const {
  Cost total;
  for (int part = 0; part < static_cast<int>(parts_.size()); ++part) {
    if (!std::binary_search(left_out.begin(), left_out.end(), part)) add(total, parts_[part]);
  }
  return total;
}

// Decisions that are not active are 0, as in canonical form.
void CostSearch::set(int decision, int value) {
  design_[decision] = value;
  for (const auto& opened : children_[decision])
    for (const int child : opened) set(child, 0);
}

std::vector<int> CostSearch::values_of(const std::vector<int>& decisions) const {
  std::vector<int> values;
  values.reserve(decisions.size());
  for (const int decision : decisions) values.push_back(design_[decision]);
  return values;
}

void CostSearch::set_all(const std::vector<int>& decisions, const std::vector<int>& values) {
  for (std::size_t i = 0; i < decisions.size(); ++i) design_[decisions[i]] = values[i];
}

}  // namespace synth::engine
