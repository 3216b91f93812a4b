// Runs evaluations: cache, budget, order of commits, pool of parents.
#include "synth/engine/experiment.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/engine/accuracy_prior.h"

namespace synth::engine {
namespace {

using Clock = std::chrono::steady_clock;
using search_space::Design;

// How many networks that belong to no accepted generator may pass on their weights: bounds memory.
constexpr std::size_t pool_size = 12;
// So many networks in a row that could not be evaluated are no coincidence: the run stops instead of recording more.
constexpr int most_failures_in_a_row = 20;

// One evaluation on its way through the pipeline.
struct Flight {
  evaluators::Request request;
  int id = 0;
  int parent = 0;
  std::optional<evaluators::Evaluation> evaluation;
  bool given_up = false;
  std::exception_ptr failure;
};

Proposed proposed(const Flight& flight) {
  return {flight.id, flight.request.key, flight.request.design, flight.parent,
          static_cast<bool>(flight.request.margin)};
}

}  // namespace

struct Experiment::State {
  const search_space::DesignSpace& space;
  const evaluators::Evaluator& evaluator;
  Objective objective;
  Config config;
  std::vector<Observer*> observers;
  Recorded recorded;
  const std::atomic<bool>* stop;
  const std::atomic<bool>* hard_stop;
  std::optional<Clock::time_point> start{};  // of this session's first evaluation: a replay's time is in the record
  std::mutex observer_mutex{};
  std::vector<std::unique_ptr<Record>> records{};
  std::unordered_map<Design, Record*, search_space::DesignHash> by_design{};  // canonical
  std::vector<GeneratorRecord> generators{};
  std::set<int> accepted{};   // networks of accepted generators
  std::set<int> alive{};      // networks that may be parents: their weights are kept in memory
  int failures_in_a_row = 0;  // in this session
  std::set<int> asked_for{};  // networks of recorded generators, accepted or not
  const Record* best = nullptr;

  static bool set(const std::atomic<bool>* flag) { return flag != nullptr && flag->load(); }
  // What the prototype reaches in full training is not known, so requirements that refer to it are judged as measured.
  bool judges_in_full() const {
    const Requirements& asked = objective.requirements();
    return config.judge_in_full && asked.accuracy && !asked.accuracy_below_prototype;
  }
  int limit() const { return config.evaluations > 0 ? config.evaluations : INT_MAX; }
  double seconds() const {
    return recorded.seconds + (start ? std::chrono::duration<double>(Clock::now() - *start).count() : 0);
  }
  bool out_of_budget(int id) const { return id > limit() || (config.seconds > 0 && seconds() >= config.seconds); }
  template <typename Call>
  void observe(Call call) {
    const std::lock_guard lock(observer_mutex);
    for (Observer* observer : observers) call(*observer);
  }

  void commit(Record record, bool brief, bool replayed);
  void replay(const Flight& flight);
  int parent_of(const Design& design) const;
  void hand_over_parents(std::vector<Flight>& flights);
  void prune();
  Flight prepare(const Design& design, int id, Effort effort);
  void run(Flight& flight);
  void fly(std::vector<Flight>& flights);
};

// The closest network that may be a parent; ties: higher U, then older. 0 = none.
int Experiment::State::parent_of(const Design& design) const {
  if (!config.inheritance) return 0;
  const Record* closest = nullptr;
  int distance = INT_MAX;
  for (const int id : alive) {
    const Record* candidate = records[id - 1].get();
    const int apart = space.distance(design, candidate->design);
    if (apart < distance || (apart == distance && candidate->performance > closest->performance)) {
      closest = candidate;
      distance = apart;
    }
  }
  return closest != nullptr ? closest->id : 0;
}

// Copies, once per parent, what evaluating threads may read while others commit.
void Experiment::State::hand_over_parents(std::vector<Flight>& flights) {
  std::map<int, std::shared_ptr<const evaluators::Parent>> parents;
  for (Flight& flight : flights) {
    if (flight.parent == 0) continue;
    auto& parent = parents[flight.parent];
    if (!parent) {
      Record& record = *records[flight.parent - 1];
      if (record.evaluation.weights.empty() && recorded.weights)
        record.evaluation.weights = recorded.weights(record.id);
      if (record.evaluation.weights.empty())
        throw std::logic_error(fmt::format("the weights of network {}, a parent, are not in the record", record.id));
      parent = std::make_shared<evaluators::Parent>(
          evaluators::Parent{record.design, record.key, record.evaluation.weights, record.evaluation.evidence});
    }
    flight.request.parent = parent;
  }
}

// Keeps in memory, as parents, the prototype, accepted generators' networks and the best others. Reads only what was
// committed, so that a replay keeps the same. Algorithms that record no steps are pruned when they evaluate.
void Experiment::State::prune() {
  std::vector<int> others;
  for (const int id : alive)
    if (id != 1 && !accepted.contains(id)) others.push_back(id);
  std::sort(others.begin(), others.end(), [&](int first, int second) {
    const Record &a = *records[first - 1], &b = *records[second - 1];
    if (a.feasible != b.feasible) return a.feasible;
    const double value_a = a.feasible ? a.performance : a.accuracy_lower_bound;
    const double value_b = b.feasible ? b.performance : b.accuracy_lower_bound;
    return value_a != value_b ? value_a > value_b : first < second;
  });
  std::vector<int> dropped;
  for (std::size_t i = pool_size; i < others.size(); ++i) {
    alive.erase(others[i]);
    // A feasible network may yet return in a generator that is accepted.
    if (!records[others[i] - 1]->feasible) dropped.push_back(others[i]);
    records[others[i] - 1]->evaluation.weights.clear();
    records[others[i] - 1]->evaluation.weights.shrink_to_fit();
  }
  if (!dropped.empty()) observe([&](Observer& observer) { observer.on_drop(dropped); });
}

void Experiment::State::commit(Record record, bool brief, bool replayed) {
  if (objective.requirements().deployed()) record.evaluation.cost.deployment = space.cost(record.design).deployment;
  const auto& evaluation = record.evaluation;
  const bool trained = evaluation.outcome == evaluators::Outcome::trained;
  // Measured, then failed in probing: it is no parent, neither now nor in a replay that finds its weights dropped.
  if (!trained) record.evaluation.weights.clear();
  if (record.design == space.prototype()) objective.set_prototype(evaluation);
  record.performance = objective.performance(evaluation);
  record.accuracy_lower_bound = objective.accuracy_lower_bound(evaluation);
  record.feasible = objective.feasible(evaluation);
  // A recorded network's weights stay in the record until a child needs them, or were dropped later in that session.
  const bool passes_on = trained && (!brief || record.feasible);
  if (passes_on && (!evaluation.weights.empty() || (replayed && recorded.weights))) alive.insert(record.id);
  records.push_back(std::make_unique<Record>(std::move(record)));
  Record& stored = *records.back();
  by_design.emplace(stored.design, &stored);
  if (stored.feasible && (best == nullptr || stored.performance > best->performance)) best = &stored;
  const bool failed = stored.evaluation.outcome == evaluators::Outcome::failed ||
                      stored.evaluation.outcome == evaluators::Outcome::out_of_memory;
  if (!replayed) failures_in_a_row = failed ? failures_in_a_row + 1 : 0;
  observe([&](Observer& observer) { replayed ? observer.on_replay(stored) : observer.on_evaluation(stored); });
  if (!trained || passes_on) return;
  stored.evaluation.weights = {};
  observe([&](Observer& observer) { observer.on_drop({stored.id}); });
}

void Experiment::State::replay(const Flight& flight) {
  Record& record = recorded.records[flight.id - 1];
  const auto check = [&](bool equal, const std::string& what) {
    if (!equal)
      throw std::logic_error(
          fmt::format("replay differs from the record at evaluation {}: {}; the run was recorded by another program or "
                      "configuration",
                      flight.id, what));
  };
  check(record.id == flight.id, fmt::format("the record has number {}", record.id));
  check(record.key == flight.request.key,
        fmt::format("network {} recorded, {} asked for", record.key, flight.request.key));
  check(record.design == flight.request.design, "its design is another");
  check(record.parent == flight.parent, fmt::format("parent {} recorded, {} asked for", record.parent, flight.parent));
  commit(std::move(record), flight.request.brief, true);
}

Flight Experiment::State::prepare(const Design& design, int id, Effort effort) {
  Flight flight;
  flight.id = id;
  flight.parent = effort == Effort::alike ? 0 : parent_of(design);
  flight.request.design = design;
  flight.request.key = space.key(design);
  flight.request.seed = evaluation_seed(config.seed, flight.request.key);
  flight.request.stop = hard_stop;
  if (effort == Effort::full && judges_in_full())
    flight.request.margin = [this](double accuracy, int samples) { return margin_of(objective, accuracy, samples); };
  flight.request.brief = trained_alike(config, proposed(flight));
  flight.request.progress = [this, id](const evaluators::Progress& progress) {
    observe([&](Observer& observer) { observer.on_progress(id, progress); });
  };
  return flight;
}

void Experiment::State::run(Flight& flight) {
  try {
    observe([&](Observer& observer) { observer.on_start_evaluation(flight.request.key, flight.id); });
    flight.evaluation = evaluator.evaluate(flight.request);
    flight.request.parent = nullptr;
  } catch (const evaluators::Stopped&) {
    flight.given_up = true;
  } catch (...) {
    flight.failure = std::current_exception();
  }
}

// At most `jobs` in flight, always neighbours in the given order, so that stopping leaves a gapless prefix committed.
void Experiment::State::fly(std::vector<Flight>& flights) {
  const int jobs = evaluator.may_run_in_parallel() ? std::max(1, config.jobs) : 1;
  if (!start) start = Clock::now();
  hand_over_parents(flights);
  for (const Flight& flight : flights)
    if (flight.id <= limit())
      observe([&](Observer& observer) { observer.on_candidate(proposed(flight)); });
  std::size_t next = 0;
  bool interrupted = false, exhausted = false, given_up = false;
  std::atomic<bool> broken = false;
  const auto source = [&](tbb::flow_control& control) -> Flight* {
    if (next < flights.size() && !broken) {
      interrupted = set(stop) || set(hard_stop);
      exhausted = !interrupted && out_of_budget(flights[next].id);
      if (!interrupted && !exhausted) return &flights[next++];
    }
    control.stop();
    return nullptr;
  };
  const auto evaluate = [&](Flight* flight) {
    run(*flight);
    if (!flight->evaluation) broken = true;
    return flight;
  };
  std::exception_ptr failure;
  const auto commit_in_order = [&](Flight* flight) {
    if (failure || given_up) return;
    given_up = flight->given_up;
    failure = flight->failure;
    if (!flight->evaluation) return;
    commit(Record{flight->id, flight->request.key, flight->request.design, flight->parent,
                  std::move(*flight->evaluation), 0, 0, false},
           flight->request.brief, false);
  };
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(jobs));
  tbb::task_arena arena(jobs);
  arena.execute([&] {
    // More tokens than threads: a finished network that waits for its turn to commit keeps no thread from the next.
    tbb::parallel_pipeline(static_cast<std::size_t>(jobs > 1 ? 4 * jobs : 1),
                           tbb::make_filter<void, Flight*>(tbb::filter_mode::serial_in_order, source) &
                               tbb::make_filter<Flight*, Flight*>(tbb::filter_mode::parallel, evaluate) &
                               tbb::make_filter<Flight*, void>(tbb::filter_mode::serial_in_order, commit_in_order));
  });
  if (failure) std::rethrow_exception(failure);
  if (failures_in_a_row >= most_failures_in_a_row)
    throw search_space::EnvironmentError(fmt::format(
        "the last {} networks could not be evaluated; the last one says: {}. What is recorded is kept; when "
        "the cause is removed, go on with 'synth resume'",
        failures_in_a_row, records.back()->evaluation.message));
  if (interrupted || given_up) throw Interrupted{};
  if (exhausted) throw BudgetExhausted{};
}

double margin_of(const Objective& objective, double accuracy, int samples) {
  return log_odds(objective.lower_bound(accuracy, samples)) - log_odds(objective.required_accuracy());
}

bool trained_alike(const Config& config, const Proposed& network) {
  return config.inheritance && network.id != 1 && network.parent == 0 && !network.full;
}

std::uint64_t evaluation_seed(std::uint64_t run_seed, const std::string& key) {
  return search_space::stream_seed(run_seed, key, "evaluation");
}

Experiment::Experiment(const search_space::DesignSpace& space, const evaluators::Evaluator& evaluator,
                       Objective objective, Config config, std::vector<Observer*> observers, Recorded recorded,
                       const std::atomic<bool>* stop, const std::atomic<bool>* hard_stop)
    : state_(new State{space, evaluator, std::move(objective), std::move(config), std::move(observers),
                       std::move(recorded), stop, hard_stop}) {}

std::vector<const Record*> Experiment::evaluate(const std::vector<Design>& designs, Effort effort) {
  State& state = *state_;
  if (State::set(state.stop) || State::set(state.hard_stop)) throw Interrupted{};
  state.prune();
  std::vector<Design> canonical;
  std::vector<Flight> flights;
  std::set<Design> requested;
  int id = static_cast<int>(state.records.size());
  for (const Design& design : designs) {
    canonical.push_back(state.space.canonical(design));
    if (!state.by_design.contains(canonical.back()) && requested.insert(canonical.back()).second)
      flights.push_back(state.prepare(canonical.back(), ++id, effort));
  }
  std::size_t replayed = 0;
  for (; replayed < flights.size() && flights[replayed].id <= static_cast<int>(state.recorded.records.size());
       ++replayed)
    state.replay(flights[replayed]);
  flights.erase(flights.begin(), flights.begin() + static_cast<std::ptrdiff_t>(replayed));
  if (!flights.empty()) state.fly(flights);
  std::vector<const Record*> result;
  for (const Design& design : canonical) result.push_back(state.by_design.at(design));
  return result;
}

void Experiment::record(GeneratorRecord generator) {
  State& state = *state_;
  generator.proposal = static_cast<int>(state.generators.size());
  if (generator.accepted) state.accepted.insert(generator.networks.begin(), generator.networks.end());
  for (const int id : generator.networks)
    generator.outcomes.emplace_back(state.asked_for.insert(id).second
                                        ? evaluators::outcome_name(state.records[id - 1]->evaluation.outcome)
                                        : "duplicate");
  state.generators.push_back(std::move(generator));
  state.observe([&](Observer& observer) { observer.on_generator(state.generators.back()); });
  state.prune();  // so that `parent_of` knows what the next evaluations inherit from
}

const Record* Experiment::find(const Design& design) const {
  const auto found = state_->by_design.find(design);
  return found == state_->by_design.end() ? nullptr : found->second;
}

const Record* Experiment::parent_of(const Design& canonical) const {
  const int id = state_->parent_of(canonical);
  return id == 0 ? nullptr : state_->records[id - 1].get();
}

const std::vector<std::unique_ptr<Record>>& Experiment::records() const {
  return state_->records;
}
const std::vector<GeneratorRecord>& Experiment::generators() const {
  return state_->generators;
}
const Record* Experiment::best() const {
  return state_->best;
}
int Experiment::remaining_evaluations() const {
  return state_->limit() == INT_MAX ? INT_MAX : state_->limit() - static_cast<int>(state_->records.size());
}
double Experiment::seconds() const {
  return state_->seconds();
}
TrainingEpochs Experiment::training_epochs() const {
  TrainingEpochs epochs = state_->evaluator.training();
  if (!state_->judges_in_full()) epochs.full = 0;
  return epochs;
}
const search_space::DesignSpace& Experiment::space() const {
  return state_->space;
}
Objective& Experiment::objective() {
  return state_->objective;
}
const Config& Experiment::config() const {
  return state_->config;
}

}  // namespace synth::engine
