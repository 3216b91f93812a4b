// Evaluations shared among machines: the candidates of a run in a PostgreSQL database, each claimed by one worker at a
// time for as long as it renews its lease. Times are the server's alone. Safe to use from several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "results_db/results_db.h"

namespace results_db {

// A candidate that this process evaluates.
struct Claim {
  Candidate candidate;
  int number = 0;                  // which claim of the candidate this is
  std::atomic<bool> lost = false;  // its lease ran out: somebody else may have it; what comes of it is dropped
};

class WorkQueue {
 public:
  // Errors as ResultsDb::open says. Waits with `patience` where the server is lost. Leases are renewed by a thread of
  // this object.
  WorkQueue(const std::string& url, std::chrono::milliseconds lease, Patience patience);
  ~WorkQueue();

  // The first candidate that nobody evaluates; null if there is none now. One that was claimed
  // `most_claims` times in vain is left to the search, which knows what to do about crashes.
  std::shared_ptr<Claim> claim();
  // This one, for the search: also where an earlier search of this run had it. With `only_given_up` only if workers
  // claimed it `most_claims` times in vain.
  std::shared_ptr<Claim> claim_for_search(int network, bool only_given_up = false);
  // False, and nothing is kept, where the lease is gone. `machine`: JSON, what it was evaluated with.
  bool commit(const Claim& claim, const evaluators::Evaluation& evaluation, const std::string& machine);
  void hand_back(const Claim& claim);
  // What a worker committed, without its cost; none yet.
  std::optional<evaluators::Evaluation> result(int network);

  static constexpr int most_claims = 5;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace results_db
