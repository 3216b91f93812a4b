// Which networks become a family.
#include <catch2/catch.hpp>
#include <set>

#include "synth/cli/family_choice.h"
#include "tests/support/fake_evaluator.h"

using namespace synth;

namespace {

// Network `id` with fewer parameters and higher U the larger its number; number 1 is the prototype.
results_db::Record network(int id, bool feasible = true) {
  results_db::Record record;
  record.id = id;
  record.feasible = feasible;
  record.performance = 100 + id;
  record.evaluation.cost.weights = 100000 / id;
  return record;
}

results_db::GeneratorRecord generator(int proposal, int index, bool accepted, std::vector<int> networks) {
  results_db::GeneratorRecord record;
  record.proposal = proposal;
  record.index = index;
  record.accepted = accepted;
  record.networks = std::move(networks);
  return record;
}

// Ten accepted generators G0 (the prototype) to G9; Gk generates networks 2k and 2k + 1.
report::RunView long_run() {
  report::RunView view;
  for (int id = 1; id <= 19; ++id) view.records.push_back(network(id));
  view.generators.push_back(generator(0, 0, true, {1, 1}));
  for (int k = 1; k <= 9; ++k) view.generators.push_back(generator(k, k, true, {2 * k, 2 * k + 1}));
  return view;
}

}  // namespace

TEST_CASE("a family spreads over the stages of the search, largest first", "[family]") {
  const auto chosen = cli::choose_family(long_run(), 4);
  REQUIRE(chosen.size() == 4);
  // The best network of the first generator with savings, of the last, and of two between.
  CHECK(chosen.front().generator == 1);
  CHECK(chosen.front().network == 3);
  CHECK(chosen.back().generator == 9);
  CHECK(chosen.back().network == 19);
  std::set<int> distinct;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    CHECK(chosen[i].network == 2 * chosen[i].generator + 1);
    distinct.insert(chosen[i].network);
    if (i > 0) CHECK(chosen[i].generator > chosen[i - 1].generator);
  }
  CHECK(distinct.size() == 4);
  CHECK(cli::choose_family(long_run(), 1).front().generator == 9);
}

TEST_CASE("short runs fill a family with what is feasible", "[family]") {
  report::RunView view;
  for (int id = 1; id <= 6; ++id) view.records.push_back(network(id, id != 5));
  view.generators = {generator(0, 0, true, {1}), generator(1, 1, true, {2, 3}), generator(2, 2, false, {5, 6})};
  const auto chosen = cli::choose_family(view, 4);
  // 2 and 3 of the accepted generator, 6 of the rejected one, 4 of none; never the prototype (1) or the infeasible 5.
  REQUIRE(chosen.size() == 4);
  const int networks[] = {2, 3, 4, 6}, generators[] = {1, 1, -1, 2};
  for (int i = 0; i < 4; ++i) {
    CHECK(chosen[i].network == networks[i]);
    CHECK(chosen[i].generator == generators[i]);
  }
  view.records.resize(1);
  view.generators.resize(1);
  CHECK(cli::choose_family(view, 4).empty());
}

TEST_CASE("a member that fails gives way to the next larger network", "[family]") {
  const auto view = long_run();
  const auto chosen = cli::choose_family(view, 4);
  const auto next = cli::next_larger(view, chosen, 19);
  REQUIRE(next);
  CHECK(next->network == 18);
  CHECK_FALSE(cli::next_larger(view, chosen, 2));
}

TEST_CASE("a family of distinct kinds has the best network of each", "[family]") {
  const support::FakeSpace space(4);
  report::RunView view = long_run();
  view.space = &space;
  for (results_db::Record& record : view.records) {
    record.design = space.prototype();
    for (int slot = 0; slot < 4; ++slot) record.design[4 * slot] = record.id % 3;  // conv, grouped, bottleneck
    record.design[0] = 3;                                                          // one skip
  }
  view.records[18].feasible = false;  // of 19 % 3 = 1
  const auto chosen = cli::choose_distinct_kinds(view, 4);
  REQUIRE(chosen.size() == 3);
  CHECK(chosen[0].network == 16);
  CHECK(chosen[1].network == 17);
  CHECK(chosen[2].network == 18);
  const auto two = cli::choose_distinct_kinds(view, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[0].network == 17);
}
