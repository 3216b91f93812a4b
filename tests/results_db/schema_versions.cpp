// Newer databases are refused, older ones are migrated in one transaction after a backup.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "results_db/connection.h"
#include "results_db/schema.h"
#include "samples.h"
#include "search_space/errors.h"

using namespace results_db;
using namespace results_db::test;
using Catch::Contains;
using search_space::EnvironmentError;

namespace {

void set_version(const std::string& path, int version) {
  SQLite::Database(path, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = " + std::to_string(version));
}

int version_in(const std::string& path) {
  return SQLite::Database(path).execAndGet("PRAGMA user_version").getInt();
}

// What version 4 added.
void take_version_4_away(const std::string& path) {
  SQLite::Database(path, SQLite::OPEN_READWRITE).exec("DROP TABLE candidates");
}

// What version 3 added.
void take_version_3_away(const std::string& path) {
  take_version_4_away(path);
  SQLite::Database(path, SQLite::OPEN_READWRITE)
      .exec("DROP TABLE crashes; DROP TABLE attempts; DROP TABLE sessions; ALTER TABLE networks DROP COLUMN epochs");
}

// A database as versions before ours might have been, with a message table that later versions dropped.
std::string old_database(const Folder& folder, int version) {
  const std::string path = folder / "old.db";
  SQLite::Database db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec("PRAGMA application_id = " + std::to_string(application_id));
  db.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')");
  db.exec("PRAGMA user_version = " + std::to_string(version));
  return path;
}

const std::vector<Migration> steps = {{7, "ALTER TABLE notes RENAME TO remarks"},
                                      {8, "ALTER TABLE remarks ADD COLUMN author TEXT DEFAULT 'nobody'"}};

}  // namespace

TEST_CASE("a newer database is refused and left as it is") {
  const Folder folder;
  const std::string path = folder / "run.db";
  ResultsDb::create(path, sample_run());
  set_version(path, schema_version + 1);
  for (const Access access : {Access::read, Access::write}) {
    REQUIRE_THROWS_AS(ResultsDb::open(path, access), EnvironmentError);
    REQUIRE_THROWS_WITH(ResultsDb::open(path, access), Contains("newer program") &&
                                                           Contains(fmt::format("version {}", schema_version + 1)) &&
                                                           Contains(path));
  }
  REQUIRE(version_in(path) == schema_version + 1);
}

TEST_CASE("an older database without a way up is refused for reading and writing") {
  const Folder folder;
  const std::string path = folder / "run.db";
  ResultsDb::create(path, sample_run());
  set_version(path, 0);
  for (const Access access : {Access::read, Access::write})
    REQUIRE_THROWS_WITH(ResultsDb::open(path, access), Contains("schema version 0") && Contains("cannot bring"));
  REQUIRE(version_in(path) == 0);
  REQUIRE_FALSE(std::filesystem::exists(path + ".v0.backup"));  // nothing is copied before it is known to be of use
}

TEST_CASE("version 1 becomes the present one, which says what became of every network asked for") {
  const Folder folder;
  const std::string path = folder / "run.db";
  {
    ResultsDb db = ResultsDb::create(path, sample_run());
    for (const int id : {1, 2, 3}) db.add(sample_record(id), id);
    db.add(sample_generator(0, {1, 1}));
    db.add(sample_generator(1, {2, 1, 3, 2}));
  }
  take_version_3_away(path);
  SQLite::Database(path, SQLite::OPEN_READWRITE).exec("ALTER TABLE generator_networks DROP COLUMN outcome");
  set_version(path, 1);
  for (const Access access : {Access::read, Access::write}) {
    REQUIRE(version_in(path) == 1);  // reading leaves the file as it is
    const ResultsDb db = ResultsDb::open(path, access);
    REQUIRE(db.records(true).size() == 3);
    const auto generators = db.generators();
    REQUIRE(generators[0].outcomes == std::vector<std::string>{"trained", "duplicate"});
    REQUIRE(generators[1].outcomes == std::vector<std::string>{"trained", "duplicate", "trained", "duplicate"});
  }
  REQUIRE(version_in(path) == schema_version);
}

TEST_CASE(
    "version 2 becomes the present one, which knows sessions, attempts, crashes and how long networks were trained") {
  const Folder folder;
  const std::string path = folder / "run.db";
  ResultsDb::create(path, sample_run()).add(sample_record(1), 1);
  take_version_3_away(path);
  set_version(path, 2);
  {
    const ResultsDb reader = ResultsDb::open(path, Access::read);
    REQUIRE(reader.sessions().empty());
    REQUIRE(reader.contents(Detail::figures).crashes.empty());
    REQUIRE(version_in(path) == 2);  // reading leaves the file as it is
  }
  ResultsDb db = ResultsDb::open(path, Access::write);
  REQUIRE(version_in(path) == schema_version);
  REQUIRE(db.records(true).size() == 1);
  REQUIRE(db.begin_session({}) == 1);
}

TEST_CASE("version 3 becomes version 4, which knows candidates that are evaluated elsewhere") {
  const Folder folder;
  const std::string path = folder / "run.db";
  ResultsDb::create(path, sample_run()).add(sample_record(1), 1);
  take_version_4_away(path);
  set_version(path, 3);
  REQUIRE(ResultsDb::open(path, Access::read).candidates().empty());
  ResultsDb db = ResultsDb::open(path, Access::write);
  REQUIRE(version_in(path) == schema_version);
  db.add(Candidate{2, "key2", {1, 2}, {}, {}});
  REQUIRE(db.candidates().size() == 1);
}

TEST_CASE("migration applies every step in order and keeps the old file beside the new") {
  const Folder folder;
  const std::string path = old_database(folder, 7);
  {
    auto db = open_for_writing(path);
    migrate(*db, path, steps, 9);
    REQUIRE(db->execAndGet("SELECT text || ' by ' || author FROM remarks").getString() == "kept by nobody");
  }
  REQUIRE(version_in(path) == 9);
  REQUIRE(version_in(path + ".v7.backup") == 7);
  REQUIRE(SQLite::Database(path + ".v7.backup").execAndGet("SELECT text FROM notes").getString() == "kept");
  auto db = open_for_writing(path);
  REQUIRE_NOTHROW(migrate(*db, path, {}, 9));  // current: nothing to do
}

TEST_CASE("a migration that fails half-way changes nothing") {
  const Folder folder;
  const std::string path = old_database(folder, 7);
  auto db = open_for_writing(path);
  const std::vector<Migration> broken = {steps[0], {8, "ALTER TABLE missing ADD COLUMN x"}};
  REQUIRE_THROWS(migrate(*db, path, broken, 9));
  REQUIRE(version_in(path) == 7);
  REQUIRE(db->execAndGet("SELECT text FROM notes").getString() == "kept");
  REQUIRE_THROWS_AS(migrate(*db, path, {steps[1]}, 9), EnvironmentError);  // a step is missing
}
