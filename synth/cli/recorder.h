// Keeps a run: everything an experiment commits goes into the results database before the search goes on.
#pragma once

#include <functional>

#include "results_db/results_db.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

class Recorder : public engine::Observer {
 public:
  // `seconds`: wall time of the run so far, over all sessions.
  Recorder(results_db::ResultsDb& db, std::function<double()> seconds) : db_(db), seconds_(std::move(seconds)) {}

  void on_evaluation(const engine::Record& record) override { db_.add(record, seconds_()); }
  void on_generator(const engine::GeneratorRecord& generator) override { db_.add(generator); }
  void on_drop(const std::vector<int>& drop_weights) override { db_.drop_weights(drop_weights); }

 private:
  results_db::ResultsDb& db_;
  std::function<double()> seconds_;
};

// Keeps what will be evaluated, for those who evaluate it elsewhere. Before the recorder.
class CandidateKeeper : public engine::Observer {
 public:
  explicit CandidateKeeper(results_db::ResultsDb& db) : db_(db) {}

  void on_candidate(const engine::Proposed& proposed) override {
    results_db::Candidate candidate;
    candidate.network = proposed.id;
    candidate.key = proposed.key;
    candidate.design = proposed.design;
    candidate.parent = proposed.parent;
    candidate.full = proposed.full;
    db_.add(candidate);
  }

 private:
  results_db::ResultsDb& db_;
};

}  // namespace synth::cli
