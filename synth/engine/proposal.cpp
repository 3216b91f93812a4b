// Beam search around a centre for single networks.
#include "synth/engine/proposal.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

namespace synth::engine {
namespace {

using search_space::Design;
using search_space::DesignSpace;

constexpr std::size_t beam_width = 10;
constexpr std::size_t combined_moves = 160;  // bounds the time of deep levels in spaces with many decisions
constexpr double tie_width = 0.2;
constexpr double greatest_confidence = 0.95;  // in a network that was measured feasible
constexpr double certain_enough = 1e-3;       // probability that may be left to networks that were measured worse
constexpr double least_loss = 0.002;  // of accuracy that a move towards the cost bounds is taken to cost

// Sets every decision that `value` of `decision` opens to the same fraction of its domain.
Design with_opened(const DesignSpace& space, Design design, int decision, double fraction) {
  const auto& decisions = space.decisions();
  for (int child = decision + 1; child < static_cast<int>(decisions.size()); ++child)
    if (decisions[child].parent == decision && decisions[child].parent_value == design[decision])
      design[child] = static_cast<int>(std::lround(fraction * (decisions[child].size() - 1)));
  return space.canonical(std::move(design));
}

}  // namespace

std::vector<Standing> standings(const Experiment& experiment, const Inquisitor& inquisitor) {
  std::vector<const Record*> feasible;
  for (const auto& record : experiment.records())
    if (record->feasible) feasible.push_back(record.get());
  std::stable_sort(feasible.begin(), feasible.end(),
                   [](const Record* a, const Record* b) { return a->performance > b->performance; });
  std::vector<Standing> result;
  double open = 1;  // probability that none of those so far is feasible
  for (const Record* record : feasible) {
    const double confidence = std::min(inquisitor.confidence(*record), greatest_confidence);
    result.push_back({record->performance, open * confidence});
    open *= 1 - confidence;
    if (open < certain_enough) break;
  }
  result.back().probability += open;
  return result;
}

double acquisition(const Verdict& verdict, const Target& target) {
  const double feasibility = target.doubting ? verdict.doubted : verdict.feasibility;
  const double above = verdict.performance - target.performance;
  if (!target.feasible_known) return feasibility * (1 + 0.05 * std::max(0.0, above + 5)) / verdict.effort;
  double gain = target.standings.empty() ? std::max(0.0, above) : 0;
  for (const Standing& best : target.standings)
    gain += best.probability * std::max(0.0, verdict.performance - best.performance);
  return gain > 0 ? gain * feasibility / verdict.effort : 1e-3 * above - 1e-9;
}

Design moved(const DesignSpace& space, const Design& design, const Move& move) {
  if (!space.active(design, move.decision) || design[move.decision] == move.value) return {};
  Design changed = design;
  changed[move.decision] = move.value;
  changed = with_opened(space, std::move(changed), move.decision, move.fraction);
  return changed != design && space.why_not(changed).empty() ? changed : Design{};
}

std::vector<Move> moves(const DesignSpace& space) {
  const auto& decisions = space.decisions();
  const auto opened = space.opened();
  std::vector<Move> result;
  for (int decision = 0; decision < static_cast<int>(decisions.size()); ++decision)
    for (int value = 0; value < decisions[decision].size(); ++value)
      for (const double fraction : {0.0, 0.34, 0.67, 1.0}) {
        result.push_back({decision, value, fraction});
        if (opened[decision][value].empty()) break;
      }
  return result;
}

namespace {

class BeamSearch {
 public:
  BeamSearch(Inquisitor& inquisitor, const DesignSpace& space, const Target& target)
      : inquisitor_(inquisitor), space_(space), target_(target), moves_(moves(space)) {}

  std::vector<Candidate> run() {
    seen_ = {target_.centre};
    std::vector<Candidate> beam = {{target_.centre, 0}};
    for (int level = 0; level < target_.radius; ++level) {
      std::vector<std::size_t> led;
      std::vector<Candidate> next = extended(beam, level == 0 ? &led : nullptr);
      if (level == 0) keep_promising(next, led);
      std::stable_sort(next.begin(), next.end(), better);
      if (next.size() > beam_width) next.resize(beam_width);
      beam = std::move(next);
    }
    std::stable_sort(found_.begin(), found_.end(), better);
    return std::move(found_);
  }

 private:
  static bool better(const Candidate& a, const Candidate& b) { return a.value > b.value; }

  // Judged neighbours of the beam that were not seen before. `led`, if wanted: the index of the move to each.
  std::vector<Candidate> extended(const std::vector<Candidate>& beam, std::vector<std::size_t>* led) {
    std::vector<Design> designs;
    for (const Candidate& from : beam)
      for (std::size_t move = 0; move < moves_.size(); ++move) {
        Design design = moved(space_, from.design, moves_[move]);
        if (design.empty() || !seen_.insert(design).second) continue;
        designs.push_back(std::move(design));
        if (led != nullptr) led->push_back(move);
      }
    inquisitor_.judge_all(designs);
    std::vector<Candidate> result;
    for (Design& design : designs) {
      const Verdict& verdict = inquisitor_.judge(design);
      // Near-ties fall by the seed, so that no run depends on the order of a space's decisions.
      const double value = acquisition(verdict, target_);
      Candidate candidate{std::move(design), value > 0 ? value * (1 + tie_width * (verdict.luck - 0.5)) : value};
      if (!verdict.known) found_.push_back(candidate);
      result.push_back(std::move(candidate));
    }
    return result;
  }

  // Of the moves that led to `first`, keeps those worth combining; and those that only other moves make possible.
  void keep_promising(const std::vector<Candidate>& first, const std::vector<std::size_t>& led) {
    if (first.size() <= combined_moves) return;
    std::vector<std::size_t> order(first.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return better(first[a], first[b]); });
    // Some that cost but promise accuracy: they pay in combination.
    std::stable_sort(order.begin() + combined_moves * 3 / 4, order.end(), [&](std::size_t a, std::size_t b) {
      return inquisitor_.judge(first[a].design).accuracy > inquisitor_.judge(first[b].design).accuracy;
    });
    std::vector<bool> keep(moves_.size());
    for (std::size_t i = 0; i < combined_moves; ++i) keep[led[order[i]]] = true;
    std::vector<Move> kept;
    for (std::size_t move = 0; move < moves_.size(); ++move)
      if (keep[move] || !space_.active(target_.centre, moves_[move].decision)) kept.push_back(moves_[move]);
    moves_ = std::move(kept);
  }

  Inquisitor& inquisitor_;
  const DesignSpace& space_;
  const Target& target_;
  std::vector<Move> moves_;
  std::unordered_set<Design, search_space::DesignHash> seen_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> candidates(Inquisitor& inquisitor, const DesignSpace& space, const Target& target) {
  return BeamSearch(inquisitor, space, target).run();
}

namespace {

// Every network one move away.
std::vector<Design> neighbours(const DesignSpace& space, const std::vector<Move>& moves, const Design& design) {
  std::vector<Design> result;
  for (const Move& move : moves)
    if (Design next = moved(space, design, move); !next.empty()) result.push_back(std::move(next));
  return result;
}

}  // namespace

Design affordable(Inquisitor& inquisitor, const DesignSpace& space, const Objective& objective, const Target& target) {
  const std::vector<Move> all = moves(space);
  Design from = target.centre;
  for (;;) {
    const std::vector<Design> reached = neighbours(space, all, from);
    inquisitor.judge_all(reached);
    const Verdict& before = inquisitor.judge(from);
    const double excess = objective.cost_excess(before.cost);
    const Design *within = nullptr, *next = nullptr;
    double best = 0, steepest = 0;
    for (const Design& design : reached) {
      const Verdict& verdict = inquisitor.judge(design);
      if (objective.cost_feasible(verdict.cost)) {
        const double value = acquisition(verdict, target);
        if (!verdict.known && (within == nullptr || value > best)) {
          within = &design;
          best = value;
        }
      } else if (const double lower = objective.cost_excess(verdict.cost); lower < excess) {
        const double loss = std::max(0.0, before.accuracy - verdict.accuracy) + least_loss;
        const double slope = std::log(excess / lower) / loss * (1 + tie_width * (verdict.luck - 0.5));
        if (slope > steepest) {
          next = &design;
          steepest = slope;
        }
      }
    }
    if (within != nullptr) return *within;
    if (next == nullptr) return {};
    from = *next;
  }
}

}  // namespace synth::engine
