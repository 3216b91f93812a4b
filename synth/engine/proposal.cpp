// Beam search around a centre for single networks.
#include "synth/engine/proposal.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace synth::engine {
namespace {

using search_space::Design;
using search_space::DesignSpace;

constexpr int beam_width = 10;
constexpr double tie_width = 0.2;

// Sets every decision that `value` of `decision` opens to the same fraction of its domain.
Design with_opened(const DesignSpace& space, Design design, int decision, double fraction) {
  const auto& decisions = space.decisions();
  for (int child = decision + 1; child < static_cast<int>(decisions.size()); ++child)
    if (decisions[child].parent == decision && decisions[child].parent_value == design[decision])
      design[child] = static_cast<int>(std::lround(fraction * (decisions[child].size() - 1)));
  return space.canonical(std::move(design));
}

}  // namespace

double acquisition(const Verdict& verdict, const Target& target) {
  if (!target.feasible_known)
    return verdict.feasibility * (1 + 0.05 * std::max(0.0, verdict.performance - target.performance + 5));
  const double gain = verdict.performance - target.performance;
  if (gain <= 0) return 1e-3 * gain - 1e-9;
  return gain * verdict.feasibility;
}

std::vector<Design> single_moves(const DesignSpace& space, const Design& design) {
  std::vector<Design> result;
  std::set<Design> seen = {design};
  const auto& decisions = space.decisions();
  for (int decision = 0; decision < static_cast<int>(decisions.size()); ++decision) {
    if (!space.active(design, decision)) continue;
    for (int value = 0; value < decisions[decision].size(); ++value) {
      if (value == design[decision]) continue;
      Design changed = design;
      changed[decision] = value;
      for (const double fraction : {0.0, 0.34, 0.67, 1.0}) {
        const Design moved = with_opened(space, changed, decision, fraction);
        if (seen.insert(moved).second && space.why_not(moved).empty()) result.push_back(moved);
      }
    }
  }
  return result;
}

std::vector<Candidate> candidates(Inquisitor& inquisitor, Experiment& experiment, const Target& target) {
  const auto better = [](const Candidate& a, const Candidate& b) { return a.value > b.value; };
  std::vector<Candidate> found, beam = {{target.centre, 0}};
  std::set<Design> seen = {target.centre};
  for (int level = 0; level < target.radius; ++level) {
    std::vector<Candidate> next;
    for (const Candidate& from : beam)
      for (Design& design : single_moves(experiment.space(), from.design)) {
        if (!seen.insert(design).second) continue;
        const Verdict& verdict = inquisitor.judge(design);
        // Near-ties fall by the seed, so that no run depends on the order of a space's decisions.
        const double value = acquisition(verdict, target);
        Candidate candidate{std::move(design), value > 0 ? value * (1 + tie_width * (verdict.luck - 0.5)) : value};
        if (!verdict.known) found.push_back(candidate);
        next.push_back(std::move(candidate));
      }
    std::stable_sort(next.begin(), next.end(), better);
    if (next.size() > beam_width) next.resize(beam_width);
    beam = std::move(next);
  }
  std::stable_sort(found.begin(), found.end(), better);
  return found;
}

}  // namespace synth::engine
