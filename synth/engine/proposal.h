// Where to look next: networks near a centre, and generators whose seeds all give promising ones.
#pragma once

#include "search_space/random.h"
#include "synth/engine/inquisitor.h"

namespace synth::engine {

struct Candidate {
  search_space::Design design;
  double value = 0;  // acquisition: higher is better
};

// A network measured feasible: its U, and the probability that it is the best of those that truly are.
struct Standing {
  double performance = 0;
  double probability = 1;
};

// What a proposal must beat, and how far it may go.
struct Target {
  bool feasible_known = false;           // else feasibility itself is sought
  double performance = 0;                // U to exceed
  std::vector<Standing> standings = {};  // what may be the U to exceed, best first; empty: `performance` for certain
  search_space::Design centre;
  int radius = 1;         // decisions that may change
  bool doubting = false;  // the model is taken to be less sure of itself than it is
};

// The networks measured feasible, at least one, as far as they may be the best that truly is. Were the first of them
// believed for certain, a lucky measurement of a network that is not feasible would hide all those that are.
std::vector<Standing> standings(const Experiment& experiment, const Inquisitor& inquisitor);

// Expected improvement in U for the effort: probability of feasibility times the expected gain, costs being exact. Negative where no
// gain is possible.
double acquisition(const Verdict& verdict, const Target& target);

// Networks within target.radius moves of the centre, not yet evaluated, best first: a beam search, whose deeper levels
// combine the most promising of the first level's moves.
std::vector<Candidate> candidates(Inquisitor& inquisitor, const search_space::DesignSpace& space, const Target& target);

// From the centre, where its costs break a bound, to an unknown network within all of them: the best that single moves
// reach, each of which lowers the worst ratio of a cost to its bound at little loss of expected accuracy. Nothing is
// evaluated on the way. Empty if no move lowers the ratio before the bounds are met.
search_space::Design affordable(Inquisitor& inquisitor, const search_space::DesignSpace& space,
                                const Objective& objective, const Target& target);

// One decision to another value. A decision that opens others (a module kind) sets these to a fraction of their
// domains.
struct Move {
  int decision = 0;
  int value = 0;
  double fraction = 0;
};
// The design after the move, canonical; empty where the move changes nothing, is not open or leaves the space.
search_space::Design moved(const search_space::DesignSpace& space, const search_space::Design& design,
                           const Move& move);
// Every value of every decision.
std::vector<Move> moves(const search_space::DesignSpace& space);

// The generator near `target.centre` whose networks for all `seeds` have the best joint prospect, and that prospect.
struct Joint {
  Generator generator;
  std::vector<search_space::Design> designs;  // one per seed
  double value = 0;
};
Joint joint_proposal(Inquisitor& inquisitor, const search_space::DesignSpace& space, const Target& target,
                     const std::vector<std::uint64_t>& seeds, const std::vector<search_space::Design>& starts);

}  // namespace synth::engine
