// What the model of accuracy believes along each decision.
#include <catch2/catch.hpp>
#include <cmath>

#include "search_space/random.h"
#include "synth/engine/accuracy_prior.h"
#include "synth/engine/full_accuracy.h"
#include "tests/support/fake_evaluator.h"

using namespace synth::engine;
using results_db::Record;
using search_space::Design;

namespace {

// Networks whose accuracy rises with the width of slot 0 alone, of which the widest and the narrowest are never tried.
std::vector<Record> tried_networks(const support::FakeSpace& space) {
  search_space::Random random(3);
  std::vector<Record> records;
  for (int i = 0; i < 60; ++i) {
    Record record;
    record.id = i + 1;
    record.design = space.prototype();
    for (std::size_t d = 0; d < record.design.size(); ++d) {
      if (space.decisions()[d].ordinal())
        record.design[d] = static_cast<int>(random.below(space.decisions()[d].size()));
    }
    const int values = space.decisions()[1].size();
    record.design[1] = 1 + static_cast<int>(random.below(values - 2));
    record.design = space.canonical(record.design);
    record.evaluation.cost = space.cost(record.design);
    record.evaluation.accuracy = accuracy_of_log_odds(1 + 0.4 * record.design[1]);
    record.evaluation.samples = 20000;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace

TEST_CASE("beliefs along a decision follow what was tried, and are surer of it", "[belief]") {
  const support::FakeSpace space(3);
  const auto records = tried_networks(space);
  const FullAccuracyModel model(space, records, {3, 1}, 3);
  REQUIRE(model.knows());
  const Design centre = records.front().design;
  const auto beliefs = beliefs_around(space, model, centre);
  REQUIRE(beliefs.size() == space.decisions().size());
  for (std::size_t d = 0; d < beliefs.size(); ++d) {
    REQUIRE(beliefs[d].size() == space.decisions()[d].labels.size());
    for (const Belief& belief : beliefs[d]) {
      REQUIRE(belief.possible);
      CHECK(belief.accuracy.low < belief.accuracy.mean);
      CHECK(belief.accuracy.mean < belief.accuracy.high);
    }
  }
  const auto& widths = beliefs[1];
  for (std::size_t value = 2; value + 1 < widths.size(); ++value)
    CHECK(widths[value].accuracy.mean > widths[value - 1].accuracy.mean);
  const auto doubt = [](const Belief& belief) {
    return log_odds(belief.accuracy.high) - log_odds(belief.accuracy.low);
  };
  CHECK(doubt(widths.front()) > doubt(widths[1]));
  CHECK(doubt(widths.back()) > doubt(widths[1]));
  Design wider = centre;
  wider[1] = static_cast<int>(widths.size()) - 1;
  CHECK(widths.back().cost == space.cost(wider));
}

TEST_CASE("decisions that are not active are looked at where they would be", "[belief]") {
  const support::FakeSpace space(3);
  const auto records = tried_networks(space);
  const FullAccuracyModel model(space, records, {3, 1}, 3);
  const Design centre = records.front().design;
  const auto beliefs = beliefs_around(space, model, centre);
  int inactive = 0;
  for (std::size_t d = 0; d < beliefs.size(); ++d) {
    const auto& decision = space.decisions()[d];
    if (space.active(centre, static_cast<int>(d)) || decision.parent < 0) continue;
    ++inactive;
    Design there = centre;
    there[decision.parent] = decision.parent_value;
    there = space.canonical(there);
    CHECK(beliefs[d][0].cost == space.cost(there));
  }
  CHECK(inactive > 0);
}

TEST_CASE("where nothing was trained, nothing is believed", "[belief]") {
  const support::FakeSpace space(2);
  const std::vector<Record> none;
  CHECK_FALSE(FullAccuracyModel(space, none, {3, 1}, 15).knows());
  CHECK_FALSE(beliefs_around(space, FullAccuracyModel(space, none, {}, 15), space.prototype())[0][0].possible);
}
