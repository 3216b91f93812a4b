// What is recorded comes back bit for bit; replay changes nothing; a reader follows a writer.
#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <limits>

#include "samples.h"
#include "search_space/errors.h"

using namespace results_db;
using namespace results_db::test;

namespace {

std::uint64_t bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

void require_equal(const Record& found, const Record& expected) {
  REQUIRE(found.id == expected.id);
  REQUIRE(found.key == expected.key);
  REQUIRE(found.design == expected.design);
  REQUIRE(found.parent == expected.parent);
  REQUIRE(bits(found.performance) == bits(expected.performance));
  REQUIRE(bits(found.accuracy_lower_bound) == bits(expected.accuracy_lower_bound));
  REQUIRE(found.feasible == expected.feasible);
  const auto& first = found.evaluation;
  const auto& second = expected.evaluation;
  REQUIRE(first.outcome == second.outcome);
  REQUIRE(first.message == second.message);
  REQUIRE(bits(first.accuracy) == bits(second.accuracy));
  REQUIRE(bits(first.float_accuracy) == bits(second.float_accuracy));
  REQUIRE(first.samples == second.samples);
  REQUIRE(bits(first.latency_ms) == bits(second.latency_ms));
  REQUIRE(first.cost == second.cost);
  REQUIRE(bits(first.seconds) == bits(second.seconds));
}

void require_equal(const evaluators::Evidence& found, const evaluators::Evidence& expected) {
  REQUIRE(bits(found.probe_loss) == bits(expected.probe_loss));
  REQUIRE(found.layers.size() == expected.layers.size());
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    REQUIRE(found.layers[i].layer == expected.layers[i].layer);
    REQUIRE(found.layers[i].slot == expected.layers[i].slot);
    REQUIRE(bits(found.layers[i].effective_rank) == bits(expected.layers[i].effective_rank));
    REQUIRE(bits(found.layers[i].quantisation_snr_db) == bits(expected.layers[i].quantisation_snr_db));
    REQUIRE(found.layers[i].saliency.size() == expected.layers[i].saliency.size());
    for (std::size_t c = 0; c < found.layers[i].saliency.size(); ++c) {
      REQUIRE(std::bit_cast<std::uint32_t>(found.layers[i].saliency[c]) ==
              std::bit_cast<std::uint32_t>(expected.layers[i].saliency[c]));
    }
  }
  REQUIRE(found.slots.size() == expected.slots.size());
  for (std::size_t i = 0; i < found.slots.size(); ++i) {
    REQUIRE(found.slots[i].slot == expected.slots[i].slot);
    REQUIRE(bits(found.slots[i].bypass_loss_change) == bits(expected.slots[i].bypass_loss_change));
  }
}

void require_equal(const GeneratorRecord& found, const GeneratorRecord& expected) {
  REQUIRE(found.proposal == expected.proposal);
  REQUIRE(found.index == expected.index);
  REQUIRE(found.parent == expected.parent);
  REQUIRE(found.accepted == expected.accepted);
  REQUIRE(found.reason == expected.reason);
  REQUIRE(found.theta == expected.theta);
  REQUIRE(bits(found.kl) == bits(expected.kl));
  REQUIRE(bits(found.trust_region) == bits(expected.trust_region));
  REQUIRE(bits(found.mean_performance) == bits(expected.mean_performance));
  REQUIRE(found.networks == expected.networks);
  REQUIRE(found.seeds == expected.seeds);
  REQUIRE(found.evidence == expected.evidence);
}

}  // namespace

TEST_CASE("a run, its records, generators and family come back as they were written") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  const std::string path = folder / "run.db";
  const GeneratorRecord first = sample_generator(0, {1, 2, 1});
  GeneratorRecord second = sample_generator(1, {2});
  second.accepted = false;
  const FamilyMember member{"small", 2, 1, R"({"test_accuracy":0.9})", std::string("we\0ights", 8)};
  {
    ResultsDb db = ResultsDb::create(path, sample_run());
    db.add(sample_record(1), 10.5);
    db.add(sample_record(2), 20.25);
    db.add(first);
    db.add(second);
    db.drop_weights({1});
    db.add(member);
    db.add(FamilyMember{"empty", 0, 0, "{}", ""});
    db.add(sample_record(3), 30.5);
    db.drop_weights({3});
    db.set_state("done", "generator 5 reached", 33.5);
  }
  const ResultsDb db = ResultsDb::open(path, Access::read);
  const Run run = db.run();
  REQUIRE(run.config == sample_run().config);
  REQUIRE(run.config_hash == sample_run().config_hash);
  REQUIRE(run.prototype == sample_run().prototype);
  REQUIRE(run.data == sample_run().data);
  REQUIRE(run.data_fingerprint == sample_run().data_fingerprint);
  REQUIRE(run.evaluator == sample_run().evaluator);
  REQUIRE(run.versions == sample_run().versions);
  REQUIRE(run.state == "done");
  REQUIRE(run.message == "generator 5 reached");
  REQUIRE(run.seconds == 33.5);

  const auto records = db.records(true);
  REQUIRE(records.size() == 3);
  REQUIRE(records[2].evaluation.weights.empty());
  require_equal(records[0], sample_record(1));
  require_equal(records[1], sample_record(2));
  require_equal(records[1].evaluation.evidence, sample_record(2).evaluation.evidence);
  REQUIRE(records[0].evaluation.weights.empty());  // dropped with the second proposal
  REQUIRE(records[1].evaluation.weights == sample_record(2).evaluation.weights);
  REQUIRE(db.records(false)[1].evaluation.weights.empty());
  require_equal(db.record(2, false), sample_record(2));

  const auto generators = db.generators();
  REQUIRE(generators.size() == 2);
  require_equal(generators[0], first);
  require_equal(generators[1], second);

  const auto family = db.family(true);
  REQUIRE(family.size() == 2);
  REQUIRE(family[0].name == "empty");
  REQUIRE(family[0].weights.empty());
  REQUIRE(family[1].name == member.name);
  REQUIRE(family[1].network == member.network);
  REQUIRE(family[1].generator == member.generator);
  REQUIRE(family[1].result == member.result);
  REQUIRE(family[1].weights == member.weights);

  const Contents contents = db.contents(Detail::figures);
  int last = -1;
  for (const auto& generator : contents.generators) last = generator.accepted ? generator.proposal : last;
  for (std::size_t i = 0; i < contents.generators.size(); ++i) {
    const auto whole = db.generators();
    CHECK(contents.generators[i].theta ==
          (contents.generators[i].proposal == last ? whole[i].theta : std::vector<std::vector<double>>()));
  }
  REQUIRE(contents.run.state == "done");
  REQUIRE(contents.records.size() == 3);
  REQUIRE(contents.records[1].evaluation.evidence.layers.empty());
  REQUIRE(contents.generators.size() == 2);
  REQUIRE(contents.family[1].weights.empty());
}

TEST_CASE("figures of failed networks survive: infinities, NaN, denormals, bytes that are not UTF-8") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  ResultsDb db = ResultsDb::create(folder / "run.db", sample_run());
  Record record = sample_record(1, 0);
  record.evaluation.outcome = evaluators::Outcome::diverged;
  record.evaluation.message = "loss is nan";
  record.performance = -std::numeric_limits<double>::infinity();
  record.evaluation.accuracy = std::numeric_limits<double>::quiet_NaN();
  record.evaluation.float_accuracy = std::numeric_limits<double>::denorm_min();
  record.evaluation.evidence.probe_loss = std::numeric_limits<double>::infinity();
  record.evaluation.evidence.layers[0].saliency = {std::numeric_limits<float>::quiet_NaN(), -0.0F,
                                                   std::numeric_limits<float>::denorm_min(),
                                                   std::numeric_limits<float>::max()};
  db.add(record, 1);
  db.add(record, 1);  // NaN equals itself in a replay
  GeneratorRecord generator = sample_generator(0, {1});
  generator.evidence = {"bad byte \xff"};
  db.add(generator);
  db.add(generator);
  const Record found = db.record(1, true);
  require_equal(found, record);
  require_equal(found.evaluation.evidence, record.evaluation.evidence);
  REQUIRE(std::isnan(found.evaluation.accuracy));
}

TEST_CASE("replay: equal content is a no-op, other content or order is a bug") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  ResultsDb db = ResultsDb::create(folder / "run.db", sample_run());
  db.add(sample_record(1), 10);
  db.add(sample_record(2), 20);
  db.add(sample_generator(0, {1, 2}));
  db.drop_weights({1});

  Record again = sample_record(1);
  again.evaluation.seconds = 99;  // timings differ from session to session
  db.add(again, 99);
  REQUIRE(db.run().seconds == 20);
  REQUIRE(db.record(1, true).evaluation.weights.empty());  // replay does not bring dropped weights back
  REQUIRE(db.record(1, true).evaluation.seconds == 1.25);
  db.add(sample_generator(0, {1, 2}));
  db.drop_weights({1});
  REQUIRE(db.generators().size() == 1);

  Record other = sample_record(2);
  other.evaluation.accuracy += 1e-16;
  REQUIRE_THROWS_AS(db.add(other, 30), std::logic_error);
  Record reweighted = sample_record(2);
  reweighted.evaluation.weights.back() = 'x';
  REQUIRE_THROWS_AS(db.add(reweighted, 30), std::logic_error);
  Record reprobed = sample_record(2);
  reprobed.evaluation.evidence.layers[0].saliency[0] = 0.2F;
  REQUIRE_THROWS_AS(db.add(reprobed, 30), std::logic_error);
  GeneratorRecord rejected = sample_generator(0, {1, 2});
  rejected.accepted = false;
  REQUIRE_THROWS_AS(db.add(rejected), std::logic_error);
  GeneratorRecord fresh = sample_generator(0, {1, 2});
  fresh.outcomes.back() = "trained";
  REQUIRE_THROWS_AS(db.add(fresh), std::logic_error);
  REQUIRE_THROWS_AS(db.add(sample_record(4), 40), std::logic_error);
  REQUIRE_THROWS_AS(db.add(sample_generator(2, {1})), std::logic_error);
  REQUIRE_THROWS_AS(db.add(sample_generator(1, {7})), std::logic_error);  // there is no network 7
  REQUIRE(db.records(false).size() == 2);
  REQUIRE(db.generators().size() == 1);
}

TEST_CASE("a reader sees every committed step while a writer works, and cannot write") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  const std::string path = folder / "run.db";
  ResultsDb writer = ResultsDb::create(path, sample_run());
  writer.add(sample_record(1), 1);
  ResultsDb reader = ResultsDb::open(path, Access::read);
  REQUIRE(reader.records(false).size() == 1);
  writer.add(sample_record(2), 2);
  REQUIRE(reader.records(true).size() == 2);
  writer.add(FamilyMember{"a", 2, 0, "{}", "old"});
  writer.add(FamilyMember{"a", 1, 0, "{}", "new"});
  REQUIRE(reader.family(true).size() == 1);
  REQUIRE(reader.family(true)[0].weights == "new");
  REQUIRE_THROWS_AS(reader.add(sample_record(3), 3), std::logic_error);
  REQUIRE_THROWS_WITH(reader.record(5, false), Catch::Contains("no network 5") && Catch::Contains("1 to 2"));
}
