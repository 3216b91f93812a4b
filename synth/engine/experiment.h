// One run of one search algorithm: budget, cache, parallel evaluation in a fixed commit order, observers. Algorithms
// are functions over an Experiment; everything that must be recorded passes through its observer, so that a killed run
// is resumed by running it again with the recorded evaluations as cache (replay).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "evaluators/evaluator.h"
#include "results_db/records.h"
#include "synth/engine/generator.h"
#include "synth/engine/objective.h"
#include "synth/engine/training_age.h"

namespace synth::engine {

// Rises with every change of the steps that a configuration leads to: only runs of the same revision are resumed.
inline constexpr int engine_revision = 8;

struct Config {
  std::string algorithm = "generative-synthesis";
  std::uint64_t seed = 0;
  int seeds = 4;        // |S|
  int generators = 0;   // stop after G_K is accepted; 0 = no limit
  int evaluations = 0;  // distinct evaluations; 0 = no limit
  double seconds = 0;   // wall time over all sessions; 0 = no limit
  int jobs = 1;         // never changes results
  int at_once = 2;      // networks evaluated together: what a proposal leaves free goes to other promising ones
  // A network that misses a required accuracy is trained on, as long as full training lasts, while there is hope.
  bool judge_in_full = true;
  bool explore_kinds = true;  // one network of each kind of module before anything is shrunk
  bool inheritance = true, evidence = true, trust_region = true, model = true;  // ablations
};

using results_db::GeneratorRecord;
using results_db::Record;

// What will be evaluated, with whatever may evaluate it elsewhere needs to know.
struct Proposed {
  int id = 0;
  std::string key;
  search_space::Design design;
  int parent = 0;     // network whose weights it inherits; 0 = none
  bool full = false;  // trained on while there is hope (Config::judge_in_full)
};

class Observer {
 public:
  virtual ~Observer() = default;
  // Will be evaluated if the budget allows; of those that are evaluated together all, in order, before the first.
  virtual void on_candidate(const Proposed&) {}
  virtual void on_start_evaluation(const std::string& /*key*/, int /*id*/) {}
  virtual void on_progress(int /*id*/, const evaluators::Progress&) {}
  virtual void on_evaluation(const Record&) {}          // new, in commit order; must persist before returning
  virtual void on_replay(const Record&) {}              // answered from `Recorded`: already persisted
  virtual void on_generator(const GeneratorRecord&) {}  // likewise, also in a replay
  // These networks' weights are needed no more: they are infeasible, and no parents of what may follow. A replay says
  // it again.
  virtual void on_drop(const std::vector<int>& /*networks*/) {}
};

// evaluators::Request::margin of networks that are trained on.
double margin_of(const Objective& objective, double accuracy, int samples);

// What an evaluation's own draws follow from.
std::uint64_t evaluation_seed(std::uint64_t run_seed, const std::string& key);

// How networks are trained. full: from inherited weights, and on while they miss what is asked for and there is hope
// (Config::judge_in_full). alike: from scratch and briefly, each as the others, so that what they reach can be compared;
// such networks pass on no weights unless they are feasible.
enum class Effort { full, alike };

// Whether a network is one of those, by what is recorded of it.
bool trained_alike(const Config& config, const Proposed& network);

// What a previous session recorded, for replay.
struct Recorded {
  std::vector<Record> records;  // by id
  double seconds = 0;           // wall time already used
  // A record's weights, wanted when it becomes a parent again; empty if evaluations make none.
  std::function<std::string(int id)> weights = {};
};

class Experiment {
 public:
  Experiment(const search_space::DesignSpace& space, const evaluators::Evaluator& evaluator, Objective objective,
             Config config, std::vector<Observer*> observers, Recorded recorded = {},
             const std::atomic<bool>* stop = nullptr, const std::atomic<bool>* hard_stop = nullptr);

  // Evaluates designs not yet known, at most `jobs` at once, commits them in the given order, and returns one record
  // per design (records stay where they are for the life of the experiment). Throws BudgetExhausted when the budget
  // ends before all are evaluated, Interrupted after `stop` (in-flight ones are finished) or `hard_stop` (given up);
  // what was committed stays. EnvironmentError if no network can be evaluated any more. A std::logic_error if a
  // recorded evaluation is not the one asked for: then this is not the recorded run.
  std::vector<const Record*> evaluate(const std::vector<search_space::Design>& designs, Effort effort = Effort::full);
  // Commits one proposal or step; its number is set here.
  void record(GeneratorRecord generator);

  const Record* find(const search_space::Design& canonical) const;  // null if not evaluated
  // The record whose weights the network of `canonical` would inherit if it were evaluated now; null for none.
  const Record* parent_of(const search_space::Design& canonical) const;
  const std::vector<std::unique_ptr<Record>>& records() const;
  const std::vector<GeneratorRecord>& generators() const;
  const Record* best() const;         // feasible with highest U; null if none
  int remaining_evaluations() const;  // of the count budget; INT_MAX without one
  double seconds() const;             // wall time over all sessions, replays left out
  const search_space::DesignSpace& space() const;
  TrainingEpochs training_epochs() const;  // of each evaluation
  Objective& objective();
  const Config& config() const;

  struct BudgetExhausted {};
  struct Interrupted {};

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Why G_0, the prototype, is accepted or not.
std::string reason_of_prototype(Experiment& experiment, const Record& prototype);

// Evaluates the prototype (always the first evaluation), then runs config.algorithm to its end. Returns why it ended:
// "done", "interrupted", or "infeasible" (no feasible network exists, by costs alone, or none was found).
std::string run(Experiment& experiment);

struct AlgorithmInfo {
  std::string name;
  std::string description;
};
const std::vector<AlgorithmInfo>& algorithms();

}  // namespace synth::engine
