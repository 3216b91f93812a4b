// Who worked at a run: sessions, what they were evaluating when they ended, and crashes.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "samples.h"

using namespace results_db;
using namespace results_db::test;

namespace {

Session sample_session() {
  Session session;
  session.processor = "A \"processor\"";
  session.instruction_sets = {"sse4_1", "avx2"};
  session.kernels = "avx2";
  session.bf16 = true;
  session.versions = R"({"libtorch":"1.13.0"})";
  session.limits = R"({"DNNL_MAX_CPU_ISA":"AVX2"})";
  session.other_processor = true;
  return session;
}

}  // namespace

TEST_CASE("sessions are numbered in order and come back as they were, with the version of what keeps them") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  const std::string path = folder / "run.db";
  {
    ResultsDb db = ResultsDb::create(path, sample_run());
    REQUIRE(db.begin_session(sample_session()) == 1);
    REQUIRE(db.begin_session({}) == 2);
  }
  const auto sessions = ResultsDb::open(path, Access::read).contents(Detail::figures).sessions;
  REQUIRE(sessions.size() == 2);
  const Session expected = sample_session();
  const Session& found = sessions[0];
  CHECK(found.id == 1);
  CHECK(found.began.size() == std::string("2000-01-01T00:00:00Z").size());
  CHECK(found.processor == expected.processor);
  CHECK(found.instruction_sets == expected.instruction_sets);
  CHECK(found.kernels == expected.kernels);
  CHECK(found.bf16);
  CHECK(found.limits == expected.limits);
  CHECK(found.other_processor);
  CHECK_FALSE(sessions[1].other_processor);
  const auto versions = nlohmann::json::parse(found.versions);
  CHECK(versions.at("libtorch") == "1.13.0");
  CHECK_FALSE(versions.at(engine).get<std::string>().empty());
}

TEST_CASE("an attempt lasts until its network is recorded or its session ends in order") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  ResultsDb db = ResultsDb::create(folder / "run.db", sample_run());
  const int first = db.begin_session(sample_session());
  for (const int network : {1, 2}) db.begin_attempt({first, network, "key" + std::to_string(network)});
  db.add(sample_record(1), 1);
  REQUIRE(db.attempts().size() == 1);
  CHECK(db.attempts()[0].network == 2);
  CHECK(db.attempts()[0].key == "key2");
  const int second = db.begin_session(sample_session());
  db.begin_attempt({second, 2, "key2"});
  CHECK(db.attempts().size() == 2);
  db.end_session(second);
  REQUIRE(db.attempts().size() == 1);
  CHECK(db.attempts()[0].session == first);
  db.add(sample_record(2), 2);  // ends the attempts of every session
  CHECK(db.attempts().empty());
}

TEST_CASE("a crash is recorded once, however often it is read from what the crashed process left") {
  const std::string engine = GENERATE(as<std::string>{}, "sqlite", "postgresql");
  const Place folder(engine);
  ResultsDb db = ResultsDb::create(folder / "run.db", sample_run());
  const int session = db.begin_session(sample_session());
  for (int i = 0; i < 2; ++i) db.add(Crash{session, 3, "key3", "SIGSEGV", "training"});
  const auto crashes = db.contents(Detail::figures).crashes;
  REQUIRE(crashes.size() == 1);
  CHECK(crashes[0].session == session);
  CHECK(crashes[0].network == 3);
  CHECK(crashes[0].key == "key3");
  CHECK(crashes[0].signal == "SIGSEGV");
  CHECK(crashes[0].phase == "training");
}
