// Training that slots inherit, and what networks would reach with more of it.
#include "synth/engine/training_age.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "search_space/random.h"
#include "synth/engine/accuracy_prior.h"
#include "synth/engine/full_accuracy.h"
#include "tests/support/fake_evaluator.h"

namespace {

using namespace synth::engine;
using results_db::Record;
using search_space::Design;

// The fraction of pairs that two lists rank alike.
double agreement(const std::vector<double>& first, const std::vector<double>& second) {
  int alike = 0, pairs = 0;
  for (std::size_t i = 0; i < first.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      ++pairs;
      if ((first[i] < first[j]) == (second[i] < second[j])) ++alike;
    }
  return static_cast<double>(alike) / pairs;
}

}  // namespace

TEST_CASE("weights age with each training, and a module of another kind starts afresh") {
  const support::FakeSpace space(2);
  const TrainingAge age(space, {6, 2});
  REQUIRE(age.from_scratch() == std::vector<double>{6, 6});
  const Design prototype = space.prototype();
  Design narrower = prototype;
  narrower[1] = 2;  // width of slot 0
  const std::vector<double> child = age.inherited(narrower, prototype, age.from_scratch());
  REQUIRE(child == std::vector<double>{8, 8});
  Design grouped = narrower;
  grouped[4] = 1;  // kind of slot 1
  const std::vector<double> grandchild = age.inherited(grouped, narrower, child);
  REQUIRE(grandchild == std::vector<double>{10, 2});
  REQUIRE(age.doublings(age.from_scratch()) == 0);
  REQUIRE(age.doublings(grandchild) == Approx((std::log2(10.0 / 6) + std::log2(2.0 / 6)) / 2));
  REQUIRE(age.doublings(24.0) == Approx(2));
}

TEST_CASE("where nothing is trained, nothing ages") {
  const support::FakeSpace space(2);
  const TrainingAge age(space, {});
  REQUIRE(age.doublings(age.inherited(space.prototype(), space.prototype(), age.from_scratch())) == 0);
  REQUIRE(expected_full_accuracies(space, std::vector<Record>(2), {}, 15) == std::vector<double>{0, 0});
}

TEST_CASE("full training is expected to rank networks by what they can, not by what they inherited") {
  const support::FakeSpace space(4);
  const TrainingEpochs epochs = {3, 1};
  const TrainingAge age(space, epochs);
  search_space::Random random(5);
  const auto reference = space.cost(space.prototype());
  std::vector<Record> records;
  std::vector<std::vector<double>> ages;
  std::vector<double> measured, full;
  // Chains in which each network is smaller than its parent, and older.
  for (int i = 0; i < 48; ++i) {
    Record record;
    record.id = i + 1;
    record.parent = i % 8 == 0 ? 0 : i;
    record.design = record.parent == 0 ? space.prototype() : records.back().design;
    if (record.parent > 0) {
      for (int change = 0; change < 2; ++change) {
        int& width = record.design[4 * random.below(4) + 1];
        width = std::max(0, width - 1);
      }
    }
    ages.push_back(record.parent == 0 ? age.from_scratch()
                                      : age.inherited(record.design, records.back().design, ages.back()));
    record.evaluation.cost = space.cost(record.design);
    const auto decades = cost_decades(record.evaluation.cost, reference);
    const double able = 2 + 0.25 * (decades[0] + decades[1]);
    record.evaluation.accuracy = accuracy_of_log_odds(able + 0.6 * age.doublings(ages.back()) + 0.03 * random.normal());
    record.evaluation.samples = 5000;
    measured.push_back(record.evaluation.accuracy);
    full.push_back(able);
    records.push_back(std::move(record));
  }
  records.back().evaluation.outcome = evaluators::Outcome::diverged;
  std::vector<double> expected = expected_full_accuracies(space, records, epochs, 15);
  REQUIRE(expected.back() == 0);
  expected.pop_back();
  full.pop_back();
  measured.pop_back();
  REQUIRE(agreement(measured, full) < 0.5);
  REQUIRE(agreement(expected, full) > 0.9);
}
