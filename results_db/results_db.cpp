// A run on disk: transactions, replay and access (see results_db.h).
#include "results_db/results_db.h"

#include <SQLiteCpp/Backup.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "results_db/candidate_rows.h"
#include "results_db/connection.h"
#include "results_db/rows.h"
#include "results_db/schema.h"
#include "results_db/session_rows.h"
#include "search_space/errors.h"

namespace results_db {

namespace fs = std::filesystem;
using search_space::EnvironmentError;

struct ResultsDb::Connection {
  std::string path;
  std::unique_ptr<WriterLock> lock;  // declared first: released after the database is closed; null for a reader
  std::unique_ptr<SQLite::Database> database;

  // One transaction: all of `work` or nothing.
  template <typename Work>
  void write(Work&& work) {
    if (!lock) throw std::logic_error("run database '" + path + "' was opened for reading");
    explained(path, [&] {
      SQLite::Transaction transaction(*database, SQLite::TransactionBehavior::IMMEDIATE);
      work();
      transaction.commit();
    });
  }

  template <typename Work>
  auto read(Work&& work) {
    return explained(path, [&] { return work(); });
  }

  // A killed search could not say that it ended; whoever looks at it later can see that nobody is at work.
  Run run() {
    // Asked first: a search that ends in between has said so by the time the row is read.
    const bool abandoned = !lock && !being_written(path);
    Run found = read_run(*database);
    if (abandoned && found.state == "running") {
      found.state = "interrupted";
      found.message = "the search was killed; 'synth resume " + path + "' goes on";
    }
    return found;
  }
};

namespace {

void require_absent(const std::string& path) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error))) {
    throw EnvironmentError("'" + path + "' exists already; 'synth resume " + path +
                           "' goes on with a run, a new search needs a new --db");
  }
}

// A complete file under a temporary name: whoever is killed while making it leaves no half-made database behind.
void make_file(const std::string& path, const Run& run) {
  explained(path, [&] {
    SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Transaction transaction(database);
    create_schema(database);
    insert_run(database, run);
    transaction.commit();
    database.exec("PRAGMA journal_mode = WAL");
  });
}

void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path + suffix, ignored);
}

[[noreturn]] void throw_order(const std::string& what, int found, int expected) {
  throw std::logic_error(what + " " + std::to_string(found) + " recorded out of order; expected " +
                         std::to_string(expected));
}

}  // namespace

ResultsDb::ResultsDb(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
ResultsDb::ResultsDb(ResultsDb&&) noexcept = default;
ResultsDb::~ResultsDb() = default;

ResultsDb ResultsDb::create(const std::string& path, const Run& run) {
  require_absent(path);
  auto connection = std::make_unique<Connection>();
  connection->path = path;
  connection->lock = std::make_unique<WriterLock>(path);
  require_absent(path);  // another search may have made it before this one had the lock
  const std::string unfinished = path + ".new";
  remove_database(unfinished);
  try {
    make_file(unfinished, run);
  } catch (...) {
    remove_database(unfinished);
    throw;
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    remove_database(unfinished);
    throw EnvironmentError("cannot make run database '" + path + "': " + reason);
  }
  connection->database = open_for_writing(path);
  return ResultsDb(std::move(connection));
}

namespace {

// An older run is read through a copy in memory, so that the file stays as its own program knows it.
std::unique_ptr<SQLite::Database> upgraded_copy(SQLite::Database& old, const std::string& path) {
  return explained(path, [&] {
    auto copy = std::make_unique<SQLite::Database>(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup(*copy, old).executeStep();
    upgrade(*copy, path, migrations(), schema_version);
    return copy;
  });
}

}  // namespace

ResultsDb ResultsDb::open(const std::string& path, Access access) {
  auto connection = std::make_unique<Connection>();
  connection->path = path;
  // First as a reader: a file that is no run database is refused before anything is written beside it or into it.
  connection->database = open_for_reading(path);
  const int version = connection->read([&] { return version_of(*connection->database, path); });
  require_known(version, schema_version, path);
  if (access == Access::read) {
    if (version < schema_version) connection->database = upgraded_copy(*connection->database, path);
    return ResultsDb(std::move(connection));
  }
  connection->database.reset();
  connection->lock = std::make_unique<WriterLock>(path);
  connection->database = open_for_writing(path);
  explained(path, [&] { migrate(*connection->database, path, migrations(), schema_version); });
  return ResultsDb(std::move(connection));
}

Run ResultsDb::run() const {
  return connection_->read([&] { return connection_->run(); });
}

void ResultsDb::set_state(const std::string& state, const std::string& message, double seconds) {
  connection_->write([&] {
    SQLite::Statement update(*connection_->database, "UPDATE run SET state = ?, message = ?, seconds = ?");
    update.bind(1, state);
    update.bind(2, message);
    update.bind(3, seconds);
    update.exec();
  });
}

void ResultsDb::add(const Record& record, double run_seconds) {
  SQLite::Database& database = *connection_->database;
  connection_->write([&] {
    const int last = count_records(database);
    if (record.id >= 1 && record.id <= last) {
      if (!same_content(read_records(database, record.id, Detail::weights).at(0), record)) {
        throw std::logic_error("network " + std::to_string(record.id) + " was recorded with other content");
      }
      return;
    }
    if (record.id != last + 1) throw_order("network", record.id, last + 1);
    insert_record(database, record);
    delete_attempts_of_network(database, record.id);
    delete_candidate(database, record.id);
    SQLite::Statement spent(database, "UPDATE run SET seconds = ?");
    spent.bind(1, run_seconds);
    spent.exec();
  });
}

void ResultsDb::add(const GeneratorRecord& generator) {
  SQLite::Database& database = *connection_->database;
  connection_->write([&] {
    const int next = count_generators(database);
    if (generator.proposal >= 0 && generator.proposal < next) {
      if (!same_content(read_generators(database, generator.proposal, Detail::weights).at(0), generator)) {
        throw std::logic_error("proposal " + std::to_string(generator.proposal) + " was recorded with other content");
      }
    } else if (generator.proposal != next) {
      throw_order("proposal", generator.proposal, next);
    } else {
      insert_generator(database, generator);
    }
  });
}

void ResultsDb::drop_weights(const std::vector<int>& networks) {
  connection_->write([&] {
    for (const int network : networks) delete_weights(*connection_->database, network);
  });
}

void ResultsDb::add(const FamilyMember& member) {
  connection_->write([&] { replace_member(*connection_->database, member); });
}

int ResultsDb::begin_session(const Session& session) {
  int number = 0;
  connection_->write([&] { number = insert_session(*connection_->database, session); });
  return number;
}

void ResultsDb::end_session(int session) {
  connection_->write([&] { delete_attempts_of_session(*connection_->database, session); });
}

void ResultsDb::begin_attempt(const Attempt& attempt) {
  connection_->write([&] { insert_attempt(*connection_->database, attempt); });
}

void ResultsDb::add(const Crash& crash) {
  connection_->write([&] { insert_crash(*connection_->database, crash); });
}

void ResultsDb::add(const Candidate& candidate) {
  connection_->write([&] { insert_candidate(*connection_->database, candidate); });
}

void ResultsDb::give_out(int network) {
  connection_->write([&] { mark_given_out(*connection_->database, network); });
}

void ResultsDb::answer(int network, const std::string& answer) {
  connection_->write([&] { set_answer(*connection_->database, network, answer); });
}

std::vector<Candidate> ResultsDb::candidates() const {
  return connection_->read([&] { return read_candidates(*connection_->database); });
}

std::vector<Session> ResultsDb::sessions() const {
  return connection_->read([&] { return read_sessions(*connection_->database); });
}

std::vector<Attempt> ResultsDb::attempts() const {
  return connection_->read([&] { return read_attempts(*connection_->database); });
}

std::vector<Crash> ResultsDb::crashes() const {
  return connection_->read([&] { return read_crashes(*connection_->database); });
}

std::vector<Record> ResultsDb::records(bool with_weights) const {
  const Detail detail = with_weights ? Detail::weights : Detail::evidence;
  return connection_->read([&] { return read_records(*connection_->database, 0, detail); });
}

Record ResultsDb::record(int id, bool with_weights) const {
  const Detail detail = with_weights ? Detail::weights : Detail::evidence;
  auto found = connection_->read(
      [&] { return id < 1 ? std::vector<Record>() : read_records(*connection_->database, id, detail); });
  if (found.empty()) {
    const int last = connection_->read([&] { return count_records(*connection_->database); });
    throw search_space::InputError("run database '" + connection_->path + "' has no network " + std::to_string(id) +
                                   "; it has networks 1 to " + std::to_string(last));
  }
  return std::move(found.front());
}

std::vector<GeneratorRecord> ResultsDb::generators() const {
  return connection_->read([&] { return read_generators(*connection_->database, -1, Detail::weights); });
}

std::vector<FamilyMember> ResultsDb::family(bool with_weights) const {
  return connection_->read([&] { return read_family(*connection_->database, with_weights); });
}

Contents ResultsDb::contents(Detail detail) const {
  SQLite::Database& database = *connection_->database;
  return connection_->read([&] {
    SQLite::Transaction snapshot(database);
    return Contents{connection_->run(),
                    read_records(database, 0, detail),
                    read_generators(database, -1, detail),
                    read_family(database, detail == Detail::weights),
                    read_sessions(database),
                    read_crashes(database)};
  });
}

}  // namespace results_db
