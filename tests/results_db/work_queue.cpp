// Candidates claimed by workers: one at a time, by leases, and none evaluated twice or lost.
#include "results_db/work_queue.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "samples.h"
#include "search_space/errors.h"

using namespace results_db;
using namespace results_db::test;
using namespace std::chrono_literals;
using synth::test::PostgresServer;

namespace {

constexpr auto long_lease = 60s;
constexpr auto short_lease = 300ms;  // renewed every 100 ms

std::string fresh_url() {
  static int runs = 0;
  return PostgresServer::running().url("q" + std::to_string(++runs));
}

void propose(ResultsDb& db, int network) {
  Candidate candidate;
  candidate.network = network;
  candidate.key = "key" + std::to_string(network);
  candidate.design = {network, 0, 3, 17};
  candidate.parent = network > 1 ? 1 : 0;
  candidate.full = network == 2;
  db.add(candidate);
}

}  // namespace

TEST_CASE("a candidate has one worker, whose result reaches the search and the record", "[postgresql]") {
  const std::string url = fresh_url();
  ResultsDb db = ResultsDb::create(url, sample_run());
  for (const int network : {1, 2, 3}) propose(db, network);
  WorkQueue search(url, long_lease, {}), one(url, long_lease, {}), other(url, long_lease, {});
  const auto first = search.claim_for_search(1);
  REQUIRE(first);
  const auto second = one.claim();
  REQUIRE(second);
  CHECK(second->candidate.network == 2);
  CHECK(second->candidate.key == "key2");
  CHECK(second->candidate.design == search_space::Design{2, 0, 3, 17});
  CHECK(second->candidate.parent == 1);
  CHECK(second->candidate.full);
  CHECK_FALSE(search.claim_for_search(2));
  const auto third = other.claim();
  REQUIRE(third);
  CHECK(third->candidate.network == 3);
  CHECK_FALSE(third->candidate.full);
  CHECK_FALSE(one.claim());

  other.hand_back(*third);
  REQUIRE(one.claim()->candidate.network == 3);
  const Record expected = sample_record(2);
  CHECK_FALSE(search.result(2));
  REQUIRE(one.commit(*second, expected.evaluation, R"({"processor":"P"})"));
  REQUIRE(one.commit(*second, expected.evaluation, R"({"processor":"P"})"));  // a commit that was in doubt
  const auto told = search.result(2);
  REQUIRE(told);
  CHECK(told->accuracy == expected.evaluation.accuracy);
  CHECK(told->latency_ms == expected.evaluation.latency_ms);
  CHECK(told->weights == expected.evaluation.weights);
  CHECK(told->evidence.layers.at(0).saliency == expected.evaluation.evidence.layers.at(0).saliency);
  CHECK_FALSE(search.claim_for_search(2));
  db.add(sample_record(1), 1);
  db.add(sample_record(2), 2);
  CHECK_FALSE(search.result(2));
  CHECK_FALSE(one.commit(*first, expected.evaluation, "{}"));  // recorded by the search meanwhile
  REQUIRE(db.candidates().size() == 1);
}

TEST_CASE("a lease that is renewed lasts, one that is not is another's, and a late result is dropped", "[postgresql]") {
  const std::string url = fresh_url();
  ResultsDb db = ResultsDb::create(url, sample_run());
  propose(db, 1);
  WorkQueue other(url, long_lease, {});
  std::shared_ptr<Claim> orphan;
  {
    WorkQueue renewing(url, short_lease, {});
    orphan = renewing.claim();
    REQUIRE(orphan);
    std::this_thread::sleep_for(4 * short_lease);
    CHECK_FALSE(other.claim());
    CHECK_FALSE(orphan->lost);
  }  // its process has died
  std::shared_ptr<Claim> heir;
  for (int i = 0; i < 200 && !heir; ++i) {
    heir = other.claim();
    std::this_thread::sleep_for(10ms);
  }
  REQUIRE(heir);
  CHECK(heir->number == orphan->number + 1);
  WorkQueue late(url, short_lease, {});
  CHECK_FALSE(late.commit(*orphan, sample_record(1).evaluation, "{}"));
  CHECK_FALSE(other.result(1));
  CHECK(other.commit(*heir, sample_record(1).evaluation, "{}"));
}

TEST_CASE("a worker whose candidate went to another learns it", "[postgresql]") {
  const std::string url = fresh_url();
  ResultsDb db = ResultsDb::create(url, sample_run());
  propose(db, 1);
  WorkQueue queue(url, short_lease, {});
  const auto claim = queue.claim();
  REQUIRE(claim);
  db.add(sample_record(1), 1);
  for (int i = 0; i < 500 && !claim->lost; ++i) std::this_thread::sleep_for(10ms);
  CHECK(claim->lost);
}

TEST_CASE("a candidate at which many workers were lost is left to the search", "[postgresql]") {
  const std::string url = fresh_url();
  ResultsDb db = ResultsDb::create(url, sample_run());
  propose(db, 1);
  WorkQueue queue(url, long_lease, {});
  for (int i = 0; i < WorkQueue::most_claims; ++i) queue.hand_back(*queue.claim());
  CHECK_FALSE(queue.claim());
  CHECK(queue.claim_for_search(1));
  CHECK(queue.claim_for_search(1));  // also where an earlier search had it
}

TEST_CASE("workers share runs in databases only", "[postgresql]") {
  REQUIRE_THROWS_AS(WorkQueue("run.db", long_lease, {}), search_space::InputError);
}
