// Networks that are evaluated elsewhere: proposed, given out, answered, and gone when they are recorded.
#include <catch2/catch.hpp>

#include "samples.h"

using namespace results_db;
using namespace results_db::test;

TEST_CASE("candidates come back as they were, until they are recorded") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  const std::string path = folder / "run.db";
  {
    ResultsDb db = ResultsDb::create(path, sample_run());
    db.add(Candidate{1, "key1", {4, 0, 2}, {}, {}});
    db.add(Candidate{2, "key2", {4, 1, 2}, {}, {}});
    db.give_out(2);
    db.answer(2, R"({"accuracy": 0.5})");
    db.add(Candidate{2, "key2", {4, 1, 2}, {}, {}});  // proposed again by a replay
  }
  ResultsDb db = ResultsDb::open(path, Access::write);
  const std::vector<Candidate> found = db.candidates();
  REQUIRE(found.size() == 2);
  CHECK(found[0].network == 1);
  CHECK(found[0].key == "key1");
  CHECK(found[0].design == search_space::Design{4, 0, 2});
  CHECK(found[0].asked.empty());
  CHECK(found[0].answer.empty());
  CHECK(found[1].asked.size() == std::string("2000-01-01T00:00:00Z").size());
  CHECK(found[1].answer == R"({"accuracy": 0.5})");
  db.add(sample_record(1), 1);
  REQUIRE(db.candidates().size() == 1);
  CHECK(db.candidates()[0].network == 2);
}
