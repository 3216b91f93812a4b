// A run database of any size, made without training: what shows runs is tested and measured on it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "results_db/results_db.h"
#include "search_space/search_space.h"
#include "synth/engine/objective.h"

namespace synth::test {

struct MadeRun {
  int networks = 12;
  int seeds = 4;           // networks per proposal
  int evidence = 3;        // sentences per proposal
  std::uint64_t seed = 1;  // of everything that is drawn
};

// Writes such a run to `path`, network by network, so that a test can stop and go on as a search would.
class RunMaker {
 public:
  RunMaker(const std::string& path, const MadeRun& made);
  bool step();                      // one network, and the proposal that it completes; false when all are written
  void begin_attempt(int network);  // in a session of its own
  void finish();

 private:
  results_db::Record next_record();
  void propose();

  MadeRun made_;
  search_space::SearchSpace space_;
  engine::Objective objective_;
  results_db::ResultsDb db_;
  search_space::Design best_;
  int networks_ = 0, proposals_ = 0, accepted_ = 0, last_accepted_ = -1, best_network_ = 0;
  double best_performance_ = -1e9;
  std::vector<int> pending_;
};

void make_run(const std::string& path, const MadeRun& made = {});

}  // namespace synth::test
