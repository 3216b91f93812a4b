// Runs in PostgreSQL: URLs, rights, several writers, servers that go away, and copies between engines.
#include "tests/support/postgresql.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>
#include <vector>

#include "results_db/address.h"
#include "samples.h"
#include "search_space/errors.h"

using namespace results_db;
using namespace results_db::test;
using Catch::Contains;
using search_space::EnvironmentError;
using search_space::InputError;
using synth::test::PostgresServer;

namespace {

std::string fresh_run() {
  static int runs = 0;
  return "r" + std::to_string(++runs);
}

std::string message_of(const std::string& url, Access access = Access::read) {
  try {
    ResultsDb::open(url, access).records(true);
  } catch (const EnvironmentError& error) {
    return error.what();
  }
  return "";
}

void require_equal_contents(const std::string& first, const std::string& second) {
  const Contents a = ResultsDb::open(first, Access::read).contents(Detail::weights);
  const Contents b = ResultsDb::open(second, Access::read).contents(Detail::weights);
  REQUIRE(a.run.config == b.run.config);
  REQUIRE(a.run.state == b.run.state);
  REQUIRE(a.run.seconds == b.run.seconds);
  REQUIRE(a.records.size() == b.records.size());
  for (std::size_t i = 0; i < a.records.size(); ++i) {
    REQUIRE(a.records[i].evaluation.weights == b.records[i].evaluation.weights);
    REQUIRE(a.records[i].evaluation.latency_ms == b.records[i].evaluation.latency_ms);
    REQUIRE(a.records[i].evaluation.seconds == b.records[i].evaluation.seconds);
    REQUIRE(a.records[i].performance == b.records[i].performance);
    REQUIRE(a.records[i].evaluation.evidence.layers[0].saliency == b.records[i].evaluation.evidence.layers[0].saliency);
  }
  REQUIRE(a.generators.size() == b.generators.size());
  for (std::size_t i = 0; i < a.generators.size(); ++i) REQUIRE(a.generators[i].theta == b.generators[i].theta);
  REQUIRE(a.family.size() == b.family.size());
  for (std::size_t i = 0; i < a.family.size(); ++i) REQUIRE(a.family[i].weights == b.family[i].weights);
  REQUIRE(a.sessions.size() == b.sessions.size());
  for (std::size_t i = 0; i < a.sessions.size(); ++i) REQUIRE(a.sessions[i].began == b.sessions[i].began);
  REQUIRE(a.crashes.size() == b.crashes.size());
}

}  // namespace

TEST_CASE("URLs are taken apart, and those that hold a password are refused without repeating it", "[postgresql]") {
  const Address address = parse_address("postgresql://ann@host:5433/runs?sslmode=require&run=night-3.b&service=x");
  CHECK(address.server == "postgresql://ann@host:5433/runs?sslmode=require&service=x");
  CHECK(address.run == "night-3.b");
  CHECK(parse_address("postgres:///runs").run.empty());
  CHECK(with_run("postgresql://h/d?run=a&x=y", "b") == "postgresql://h/d?x=y&run=b");
  CHECK(network_mark("postgresql://ann@host/runs?run=a#12") == 32);
  CHECK(network_mark("postgresql://ann@host/runs?run=a") == std::string::npos);
  CHECK(network_mark("run.db@G2:s1") == 6);
  CHECK_FALSE(is_url("runs/postgresql.db"));
  CHECK(without_password("--db=postgresql://ann:s3/cr@t@host/d?run=a&password=x&y=z") ==
        "--db=postgresql://ann:***@host/d?run=a&password=***&y=z");
  CHECK(without_password("postgresql://ann@host:5432/d?host=a@b") == "postgresql://ann@host:5432/d?host=a@b");
  for (const char* url : {"postgresql://ann:s3cret@host/runs?run=a", "postgresql://h/d?run=a&password=s3cret",
                          "postgresql://h/d?run=a&sslpassword=s3cret", "postgresql://h/d?run=a&pass%77ord=s3cret"}) {
    CAPTURE(url);
    REQUIRE_THROWS_AS(ResultsDb::open(url, Access::read), InputError);
    REQUIRE_THROWS_WITH(ResultsDb::open(url, Access::read), Contains("password") && !Contains("s3cret"));
  }
  for (const char* name : {"", "a/b", "a b", "a'b", "a\"b", "\xff", "a%20b"})
    REQUIRE_THROWS_AS(parse_address(std::string("postgresql://h/d?run=") + name), InputError);
  REQUIRE_THROWS_AS(parse_address("postgresql://h/d?run=" + std::string(49, 'a')), InputError);
  REQUIRE_THROWS_WITH(ResultsDb::open("postgresql://h/d", Access::read), Contains("?run=NAME"));
  REQUIRE_THROWS_AS(ResultsDb::open("postgresql://h/d?run=a&nonsense=1", Access::read), InputError);
}

TEST_CASE("what cannot be reached or is not there is named, with a remedy", "[postgresql]") {
  const PostgresServer& server = PostgresServer::running();
  CHECK_THAT(message_of("postgresql://postgres@/runs?host=/no/such/folder&run=a"), Contains("cannot reach"));
  CHECK_THAT(message_of(server.url("a", "postgres", "nowhere")), Contains("\"nowhere\" does not exist"));
  CHECK_THAT(message_of(server.url("a", "nobody_known")), Contains("nobody_known") && Contains("~/.pgpass"));
  CHECK_THAT(message_of(server.url("missing")), Contains("does not exist") && Contains("synth list runs"));
  server.sql("CREATE SCHEMA \\\"synth:foreign\\\"");
  CHECK_THAT(message_of(server.url("foreign")), Contains("no run database"));
  server.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  CHECK_THAT(message_of(server.url("a", "postgres", "latin")), Contains("LATIN1") && Contains("UTF8"));
  REQUIRE_THROWS_AS(ResultsDb::create(server.url("a", "postgres", "latin"), sample_run()), EnvironmentError);
}

TEST_CASE("a run in a database is made once, and refused where it is newer", "[postgresql]") {
  const PostgresServer& server = PostgresServer::running();
  const std::string run = fresh_run(), url = server.url(run);
  REQUIRE_FALSE(ResultsDb::exists(url));
  ResultsDb::create(url, sample_run()).add(sample_record(1), 1);
  REQUIRE(ResultsDb::exists(url));
  REQUIRE_THROWS_WITH(ResultsDb::create(url, sample_run()), Contains("exists already"));
  REQUIRE(ResultsDb::open(url, Access::read).records(true).size() == 1);
  const auto say_version = [&](int version) {
    server.sql("COMMENT ON SCHEMA \\\"synth:" + run + "\\\" IS 'synth run, schema version " + std::to_string(version) +
               "'");
  };
  for (const Access access : {Access::read, Access::write}) {
    say_version(schema_version + 1);
    CHECK_THAT(message_of(url, access), Contains("newer program") && Contains(url));
    say_version(3);
    CHECK_THAT(message_of(url, access), Contains("cannot bring"));
  }
}

TEST_CASE("a database has one writer per run, whom readers see", "[postgresql]") {
  const PostgresServer& server = PostgresServer::running();
  const std::string url = server.url(fresh_run()), other = server.url(fresh_run());
  {
    const ResultsDb first = ResultsDb::create(url, sample_run());
    REQUIRE_THROWS_AS(ResultsDb::open(url, Access::write), Busy);
    REQUIRE_THROWS_WITH(ResultsDb::open(url, Access::write), Contains("synth " + std::to_string(::getpid()) + "@"));
    REQUIRE(ResultsDb::open(url, Access::read).run().state == "running");
    REQUIRE_NOTHROW(ResultsDb::create(other, sample_run()));
  }
  for (int i = 0; i < 100 && ResultsDb::open(url, Access::read).run().state == "running"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until the server has seen the end of the connection
  const Run left = ResultsDb::open(url, Access::read).run();
  REQUIRE(left.state == "interrupted");
  REQUIRE_THAT(left.message, Contains("synth resume " + url));
}

TEST_CASE("a writer waits for a server that is gone, says so, and goes on", "[postgresql]") {
  PostgresServer& server = PostgresServer::running();
  const std::string url = server.url(fresh_run());
  ResultsDb db = ResultsDb::create(url, sample_run());
  std::vector<std::string> said;
  std::atomic<bool> enough = false;
  db.wait_for_server({[&](const std::string& line) { said.push_back(line); }, [&] { return enough.load(); }});
  db.add(sample_record(1), 1);

  server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'synth %'");
  db.add(sample_record(2), 2);
  REQUIRE(said.size() >= 2);
  CHECK_THAT(said.front(), Contains("lost the server of " + url) && Contains("trying again in 1 s"));
  CHECK_THAT(said.back(), Contains("is back"));
  REQUIRE_THROWS_AS(ResultsDb::open(url, Access::write), Busy);  // the lock came back, too

  server.kill();
  REQUIRE_THAT(message_of(url), Contains("cannot reach"));
  std::future<void> restarted = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    server.start();
  });
  db.add(sample_record(3), 3);
  db.add(sample_generator(0, {1, 2, 3}));
  restarted.get();
  REQUIRE(db.records(true).size() == 3);

  server.stop();
  enough = true;
  REQUIRE_THROWS_WITH(db.add(sample_record(4), 4), Contains("gave up waiting") && Contains("synth resume"));
  server.start();
  enough = false;
  db.add(sample_record(4), 4);
  REQUIRE(ResultsDb::open(url, Access::read).records(true).size() == 4);
}

TEST_CASE("without patience a lost server is an error, and a run that another has taken over is left to it",
          "[postgresql]") {
  PostgresServer& server = PostgresServer::running();
  const std::string url = server.url(fresh_run());
  ResultsDb db = ResultsDb::create(url, sample_run());
  const std::string end_all =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'synth %'";
  server.sql(end_all);
  REQUIRE_THROWS_AS(db.add(sample_record(1), 1), EnvironmentError);
  db.wait_for_server({[](const std::string&) {}, [] { return false; }});
  db.add(sample_record(1), 1);
  server.sql(end_all);
  std::future<std::string> taken = std::async(std::launch::async, [&] {
    return server.sql(
        "SELECT pg_advisory_lock(1398361684, (oid::bigint % 2147483647)::int) FROM pg_namespace WHERE "
        "nspname = 'synth:" +
        parse_address(url).run + "'; SELECT pg_sleep(6)");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  REQUIRE_THROWS_AS(db.add(sample_record(2), 2), Busy);
  taken.get();
}

TEST_CASE("roles with the least rights do what they are for, and no more", "[postgresql]") {
  const PostgresServer& server = PostgresServer::running();
  const std::string roles = std::string(SYNTH_SOURCE_DIR) + "/docs/examples/postgresql_roles.sql";
  REQUIRE(std::system(("psql -q -v ON_ERROR_STOP=1 '" + server.url() + "' -f " + roles).c_str()) == 0);
  for (const char* role : {"reader", "worker", "searcher"})
    server.sql(std::string("CREATE ROLE a_") + role + " LOGIN; GRANT synth_" + role + " TO a_" + role +
               "; ALTER ROLE a_" + role + " SET ROLE synth_" + role);
  server.sql("CREATE ROLE a_stranger LOGIN");
  const std::string run = fresh_run();
  const auto as = [&](const std::string& role) { return server.url(run, "a_" + role); };
  ResultsDb::create(as("searcher"), sample_run()).add(sample_record(1), 1);
  for (const char* role : {"reader", "worker"}) {
    REQUIRE_THROWS_WITH(ResultsDb::create(server.url(fresh_run(), std::string("a_") + role), sample_run()),
                        Contains("lacks rights") && Contains("docs/postgresql.md"));
    REQUIRE(ResultsDb::open(as(role), Access::read).contents(Detail::weights).records.size() == 1);
  }
  ResultsDb::open(as("worker"), Access::write).add(sample_record(2), 2);
  {
    ResultsDb reader = ResultsDb::open(as("reader"), Access::write);
    REQUIRE_THROWS_WITH(reader.add(sample_record(3), 3), Contains("lacks rights"));
  }
  REQUIRE_THAT(message_of(as("stranger")), Contains("permission denied"));
  const auto refused = [&](const std::string& role, const std::string& statement) {
    const std::string command = "psql -qtA '" + server.url({}, "a_" + role) + "' -c \"" + statement + "\" 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string said(1000, '\0');
    said.resize(std::fread(said.data(), 1, said.size(), pipe));
    ::pclose(pipe);
    CHECK_THAT(said, Contains("must be owner") || Contains("permission denied"));
  };
  const std::string table = "\\\"synth:" + run + "\\\".networks";
  for (const char* role : {"reader", "worker"}) {
    refused(role, "DROP TABLE " + table);
    refused(role, "ALTER TABLE " + table + " ADD COLUMN x INT");
    refused(role, "TRUNCATE " + table);
    refused(role, "CREATE TABLE public.mine (x INT)");
  }
  refused("reader", "DELETE FROM " + table);
  const auto listed = list_runs(server.url({}, "a_reader"));
  REQUIRE(std::count_if(listed.begin(), listed.end(), [&](const ListedRun& item) {
            return item.name == run && item.networks == 2 && item.state == "running";
          }) == 1);
}

TEST_CASE("a copy holds everything, whichever engine it goes to", "[postgresql]") {
  const PostgresServer& server = PostgresServer::running();
  const Folder folder;
  const std::string file = folder / "run.db", url = server.url(fresh_run()), back = folder / "back.db";
  {
    ResultsDb db = ResultsDb::create(file, sample_run());
    const int session = db.begin_session({});
    db.begin_attempt({session, 4, "key4"});
    db.add(Crash{session, 4, "key4", "SIGSEGV", "training"});
    for (const int id : {1, 2, 3}) db.add(sample_record(id, 100'000), id);
    db.add(sample_generator(0, {1, 2, 1}));
    db.add(sample_generator(1, {3}));
    db.drop_weights({1});
    db.add(FamilyMember{"small", 2, 1, "{}", std::string("we\0ights", 8)});
    db.add(Candidate{4, "key4", {1, 2}, {}, {}});
    db.set_state("interrupted", "by hand", 12.5);
  }
  copy_run(file, url);
  copy_run(url, back);
  copy_run(url, server.url(fresh_run()));
  require_equal_contents(file, url);
  require_equal_contents(file, back);
  REQUIRE(ResultsDb::open(back, Access::read).candidates().size() == 1);
  REQUIRE(ResultsDb::open(back, Access::read).attempts().size() == 1);
  REQUIRE_THROWS_WITH(copy_run(file, url), Contains("exists already"));
  REQUIRE_THROWS_WITH(copy_run(url, back), Contains("exists already"));
  REQUIRE_THROWS_AS(copy_run(folder / "missing.db", server.url("never")), EnvironmentError);
  REQUIRE_FALSE(ResultsDb::exists(server.url("never")));
  ResultsDb::open(url, Access::write).add(sample_record(4), 40);  // the copy goes on
  ResultsDb::open(back, Access::write).add(sample_record(4), 40);
}

TEST_CASE("a run's mark changes with every step", "[postgresql]") {
  const std::string url = PostgresServer::running().url(fresh_run());
  ResultsDb db = ResultsDb::create(url, sample_run());
  std::string mark = state_mark(url);
  const auto changed = [&] {
    const std::string before = mark;
    mark = state_mark(url);
    return mark != before;
  };
  CHECK_FALSE(changed());
  const int session = db.begin_session({});
  CHECK(changed());
  db.begin_attempt({session, 1, "key1"});
  CHECK(changed());
  db.add(sample_record(1), 1);
  CHECK(changed());
  db.add(sample_generator(0, {1}));
  CHECK(changed());
  db.add(FamilyMember{"a", 1, 0, "{}", ""});
  CHECK(changed());
  db.set_state("done", "", 1);
  CHECK(changed());
}
