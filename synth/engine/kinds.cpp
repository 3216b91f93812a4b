// One network of each kind.
#include "synth/engine/kinds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "synth/engine/accuracy_prior.h"

namespace synth::engine {

using search_space::Design;
using search_space::DesignSpace;

namespace {

constexpr double fractions[] = {0.0, 0.25, 0.5, 0.75, 1.0};
constexpr double clear_advantage = 0.1;  // in log odds, beyond twice the deviation of what was measured
constexpr double evenness = 0.5;  // nearer by this in log(size) outweighs fractions that differ by 1

double log_size(const search_space::Cost& cost) {
  return std::log(std::max<double>(1, cost.parameters())) + std::log(std::max<double>(1, cost.multiply_adds));
}

// Decisions about the kind of a slot's module: values open parameters.
std::vector<int> kind_decisions(const DesignSpace& space) {
  const auto opened = space.opened();
  std::vector<int> result;
  for (int i = 0; i < static_cast<int>(space.decisions().size()); ++i) {
    const auto& decision = space.decisions()[i];
    const bool opens =
        std::any_of(opened[i].begin(), opened[i].end(), [](const auto& child) { return !child.empty(); });
    if (decision.slot >= 0 && !decision.ordinal() && opens) result.push_back(i);
  }
  return result;
}

int value_of(const search_space::Decision& decision, const std::string& label) {
  const auto found = std::find(decision.labels.begin(), decision.labels.end(), label);
  return found == decision.labels.end() ? -1 : static_cast<int>(found - decision.labels.begin());
}

// Every slot that can be of `kind` is; where it cannot, it stays. Empty if none can.
Design all_of(const DesignSpace& space, const std::vector<int>& about_kinds, Design design, const std::string& kind,
              double of_parameters, double of_widths) {
  const auto& decisions = space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i)
    if (decisions[i].ordinal() && decisions[i].slot < 0)
      design[i] = static_cast<int>(std::lround(of_widths * (decisions[i].size() - 1)));
  design = space.canonical(std::move(design));
  bool any = false;
  for (const int decision : about_kinds) {
    const int value = value_of(decisions[decision], kind);
    if (value < 0) continue;
    Design other = design;
    other[decision] = value;
    for (int child = decision + 1; child < static_cast<int>(decisions.size()); ++child)
      if (decisions[child].parent == decision && decisions[child].parent_value == value)
        other[child] = static_cast<int>(std::lround(of_parameters * (decisions[child].size() - 1)));
    other = space.canonical(std::move(other));
    if (!space.why_not(other).empty()) continue;
    design = std::move(other);
    any = true;
  }
  return any && space.why_not(design).empty() ? design : Design{};
}

}  // namespace

std::string main_kind(const DesignSpace& space, const Design& design) {
  std::map<std::string, int> counts;
  for (const int decision : kind_decisions(space))
    if (space.active(design, decision)) ++counts[space.decisions()[decision].labels[design[decision]]];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? std::string() : most->first;
}

std::vector<Design> best_of_other_kinds(const Experiment& experiment, const Design& centre) {
  const auto rank = [](const Record& one) {
    return std::make_pair(one.feasible, one.feasible ? one.performance : one.accuracy_lower_bound);
  };
  std::map<std::string, const Record*> best;
  for (const auto& record : experiment.records()) {
    if (record->evaluation.outcome != evaluators::Outcome::trained) continue;
    const Record*& known = best[main_kind(experiment.space(), record->design)];
    if (known == nullptr || rank(*record) > rank(*known)) known = record.get();
  }
  best.erase(main_kind(experiment.space(), centre));
  std::vector<Design> result;
  for (const auto& [kind, record] : best) result.push_back(record->design);
  return result;
}

std::string clearly_better_kind(const Experiment& experiment, const std::vector<Design>& alike,
                                const std::string& own) {
  std::optional<double> of_own;
  double most = 0, variance = 0;
  std::string best;
  for (const Design& design : alike) {
    const Record* record = experiment.find(design);
    if (record == nullptr || record->evaluation.outcome != evaluators::Outcome::trained) continue;
    const auto& found = record->evaluation;
    const double value =
        log_odds(found.accuracy) - slope_per_decade / std::log(10.0) * log_size(found.cost);
    const std::string kind = main_kind(experiment.space(), design);
    if (kind == own) of_own = value;
    if (!best.empty() && value <= most) continue;
    most = value;
    best = kind;
    variance = 2 * log_odds_variance(found.accuracy, found.samples);
  }
  if (!of_own || best == own || most - *of_own < clear_advantage + 2 * std::sqrt(variance)) return {};
  return best;
}

std::vector<Design> networks_of_each_kind(const DesignSpace& space, const Design& from, double ratio) {
  const std::vector<int> about_kinds = kind_decisions(space);
  const auto opened = space.opened();
  std::vector<std::string> kinds;  // in the order of the space
  for (const int decision : about_kinds)
    for (int value = 0; value < space.decisions()[decision].size(); ++value) {
      const std::string& label = space.decisions()[decision].labels[value];
      if (!opened[decision][value].empty() && std::find(kinds.begin(), kinds.end(), label) == kinds.end())
        kinds.push_back(label);
    }
  const double wanted = log_size(space.cost(from)) + std::log(ratio);
  std::vector<Design> result;
  for (const std::string& kind : kinds) {
    Design nearest;
    double apart = 0;
    for (const double of_parameters : fractions)
      for (const double of_widths : fractions) {
        Design design = all_of(space, about_kinds, from, kind, of_parameters, of_widths);
        if (design.empty()) continue;
        const double difference =
            std::abs(log_size(space.cost(design)) - wanted) + evenness * std::abs(of_parameters - of_widths);
        if (!nearest.empty() && difference >= apart) continue;
        nearest = std::move(design);
        apart = difference;
      }
    if (!nearest.empty() && std::find(result.begin(), result.end(), nearest) == result.end())
      result.push_back(std::move(nearest));
  }
  return result;
}

}  // namespace synth::engine
