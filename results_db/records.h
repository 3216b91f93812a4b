// What a run records, as plain values: the engine produces them, the database keeps them, reports read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluators/evaluation.h"
#include "search_space/design_space.h"

namespace results_db {

// A committed evaluation of one network.
struct Record {
  int id = 0;       // 1, 2, ... in commit order: a network's number
  std::string key;  // content hash of the architecture
  search_space::Design design;
  int parent = 0;                     // id it inherited weights from; 0 = none
  evaluators::Evaluation evaluation;  // weights may have been dropped
  double performance = 0;             // U; 0 where it was not trained
  double accuracy_lower_bound = 0;
  bool feasible = false;
};

// A proposal of the synthesis loop, accepted or rejected, or one step of another algorithm.
struct GeneratorRecord {
  int proposal = 0;  // 0, 1, 2, ... in order of proposing
  int index = 0;     // k of G_k if accepted, else the k it would have had
  int parent = -1;   // proposal it was derived from; -1 for G_0
  bool accepted = false;
  std::string reason;                      // why accepted or rejected, in words with figures
  std::vector<std::vector<double>> theta;  // generator parameters; empty for algorithms without a generator
  double kl = 0;                           // KL to the parent
  double trust_region = 0;                 // delta in force
  double mean_performance = 0;             // mean U over S, of networks that were trained
  std::vector<int> networks;               // record ids, one per seed of S, in the order of seeds
  std::vector<std::string> outcomes;       // of each: its evaluation's, or "duplicate" if asked for before
  std::vector<std::uint64_t> seeds;        // S
  std::vector<std::string> evidence;       // sentences: what drove each change of theta
};

}  // namespace results_db
