// Claims, leases and results: PostgreSQL's SQL, since only a server is shared.
#include "results_db/work_queue.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "results_db/address.h"
#include "results_db/codec.h"
#include "results_db/store.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

const std::string now = "extract(epoch FROM clock_timestamp())";
const std::string columns = " RETURNING network, key, design, parent, in_full, claims";
const std::string take = "UPDATE candidates SET worker = $1, claims = claims + 1, lease = " + now + " + $2::float8 ";
const std::string open = "NOT EXISTS (SELECT 1 FROM results WHERE results.network = candidates.network) ";

std::shared_ptr<Claim> claim_of(Rows& rows) {
  if (!rows.next()) return nullptr;
  Fields fields(rows);
  auto claim = std::make_shared<Claim>();
  claim->candidate.network = fields.number();
  claim->candidate.key = fields.text();
  claim->candidate.design =
      design_from(fields.text(), "candidate " + std::to_string(claim->candidate.network) + " of the run database");
  claim->candidate.parent = fields.number();
  claim->candidate.full = fields.flag();
  claim->number = fields.number();
  return claim;
}

// A worker's word is checked like any other input.
evaluators::Evaluation evaluation_of(Rows& rows, int network) {
  const std::string where = "the result of network " + std::to_string(network);
  Fields fields(rows);
  evaluators::Evaluation evaluation;
  try {
    evaluation.outcome = evaluators::outcome_from_name(fields.text());
  } catch (const search_space::InputError& error) {
    throw search_space::EnvironmentError(where + " is damaged: " + error.what());
  }
  evaluation.message = fields.text();
  evaluation.accuracy = fields.real();
  evaluation.float_accuracy = fields.real();
  evaluation.samples = fields.number();
  evaluation.latency_ms = fields.real();
  evaluation.epochs = fields.real();
  evaluation.seconds = fields.real();
  evaluation.evidence = evidence_from(fields.text(), where);
  evaluation.weights = fields.blob();
  const bool trained = evaluation.outcome == evaluators::Outcome::trained;
  if (trained && !(evaluation.accuracy >= 0 && evaluation.accuracy <= 1 && evaluation.samples >= 0))
    throw search_space::EnvironmentError(where + " is damaged: its accuracy is " + std::to_string(evaluation.accuracy));
  return evaluation;
}

}  // namespace

struct WorkQueue::State {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::unique_ptr<Store> store;
  double lease = 0;  // seconds
  std::string name;
  std::vector<std::weak_ptr<Claim>> held;
  std::jthread renewer;

  std::shared_ptr<Claim> hold(const std::string& sql, const Values& parameters) {
    const std::lock_guard lock(mutex);
    std::shared_ptr<Claim> claim;
    store->write([&] { claim = claim_of(*store->query(sql, parameters)); });
    if (claim) held.push_back(claim);
    return claim;
  }
  void renew();
};

// A claim that cannot be renewed is another's by now, or recorded.
void WorkQueue::State::renew() {
  std::erase_if(held, [](const auto& claim) { return claim.expired(); });
  for (const auto& weak : held) {
    const std::shared_ptr<Claim> claim = weak.lock();
    if (!claim || claim->lost) continue;
    bool ours = false;
    store->write([&] {
      ours = store
                 ->query("UPDATE candidates SET lease = " + now +
                             " + $3::float8 WHERE network = $1 AND claims = $2 RETURNING network",
                         {claim->candidate.network, claim->number, lease})
                 ->next();
    });
    if (!ours) claim->lost = true;
  }
}

WorkQueue::WorkQueue(const std::string& url, std::chrono::milliseconds lease, Patience patience)
    : state_(std::make_unique<State>()) {
  if (!is_url(url))
    throw search_space::InputError("'" + url +
                                   "': workers share a run in a database, postgresql://USER@HOST/DATABASE?run=NAME");
  state_->store = open_store(url, Access::share);
  state_->store->wait_for_server(std::move(patience));
  state_->lease = std::chrono::duration<double>(lease).count();
  state_->name = state_->store->client();
  state_->renewer = std::jthread([state = state_.get(), lease](std::stop_token stop) {
    std::unique_lock lock(state->mutex);
    while (!state->ended.wait_for(lock, stop, lease / 3, [&] { return stop.stop_requested(); })) {
      try {
        state->renew();
      } catch (const std::exception&) {  // the next statement of the owner says it
      }
    }
  });
}

WorkQueue::~WorkQueue() = default;

std::shared_ptr<Claim> WorkQueue::claim() {
  return state_->hold(take + "WHERE network = (SELECT network FROM candidates WHERE " + open +
                          "AND claims < $3 AND (worker IS NULL OR lease < " + now +
                          ") ORDER BY network LIMIT 1 FOR UPDATE SKIP LOCKED)" + columns,
                      {state_->name, state_->lease, most_claims});
}

std::shared_ptr<Claim> WorkQueue::claim_for_search(int network, bool only_given_up) {
  return state_->hold(take + "WHERE network = $3 AND " + open +
                          "AND claims >= $4 AND (worker IS NULL OR worker = $1 OR lease < " + now + ")" + columns,
                      {"search", state_->lease, network, only_given_up ? most_claims : 0});
}

bool WorkQueue::commit(const Claim& claim, const evaluators::Evaluation& evaluation, const std::string& machine) {
  const std::lock_guard lock(state_->mutex);
  bool ours = false;
  state_->store->write([&] {
    ours = state_->store
               ->query("SELECT network FROM candidates WHERE network = $1 AND claims = $2 FOR UPDATE",
                       {claim.candidate.network, claim.number})
               ->next();
    if (!ours) return;
    state_->store->execute(
        "INSERT INTO results (network, outcome, message, accuracy, float_accuracy, samples, latency_ms, epochs, "
        "seconds, evidence, machine, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT DO NOTHING",
        {claim.candidate.network, evaluators::outcome_name(evaluation.outcome), evaluation.message, evaluation.accuracy,
         evaluation.float_accuracy, evaluation.samples, evaluation.latency_ms, evaluation.epochs, evaluation.seconds,
         to_text(evaluation.evidence), machine,
         evaluation.weights.empty() ? Value() : Value(Blob{evaluation.weights})});
  });
  return ours;
}

void WorkQueue::hand_back(const Claim& claim) {
  const std::lock_guard lock(state_->mutex);
  state_->store->write([&] {
    state_->store->execute("UPDATE candidates SET worker = NULL, lease = NULL WHERE network = $1 AND claims = $2",
                           {claim.candidate.network, claim.number});
  });
}

std::optional<evaluators::Evaluation> WorkQueue::result(int network) {
  const std::lock_guard lock(state_->mutex);
  std::optional<evaluators::Evaluation> found;
  state_->store->read([&] {
    const auto rows = state_->store->query(
        "SELECT outcome, message, accuracy, float_accuracy, samples, latency_ms, epochs, seconds, evidence, data "
        "FROM results WHERE network = $1",
        {network});
    if (rows->next()) found = evaluation_of(*rows, network);
  });
  return found;
}

}  // namespace results_db
