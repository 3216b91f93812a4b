// A run: what may be written after what, and replay (see results_db.h).
#include "results_db/results_db.h"

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "results_db/address.h"
#include "results_db/candidate_rows.h"
#include "results_db/postgresql_store.h"
#include "results_db/rows.h"
#include "results_db/session_rows.h"
#include "results_db/store.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

[[noreturn]] void throw_order(const std::string& what, int found, int expected) {
  throw std::logic_error(what + " " + std::to_string(found) + " recorded out of order; expected " +
                         std::to_string(expected));
}

// UTC, ISO 8601.
std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[sizeof "2000-01-01T00:00:00Z"];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// The caller's versions and the engine's, which only this folder knows.
std::string with_engine(const std::string& versions, const std::pair<std::string, std::string>& engine) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(versions, nullptr, false);
  if (!json.is_object()) json = nlohmann::ordered_json::object();
  json[engine.first] = engine.second;
  return json.dump();
}

}  // namespace

struct ResultsDb::Connection {
  std::string name;
  std::unique_ptr<Store> store;

  template <typename Work>
  auto read(Work work) {
    decltype(work(*store)) result{};
    store->read([&] { result = work(*store); });
    return result;
  }

  template <typename Work>
  void write(Work work) {
    store->write([&] { work(*store); });
  }

  // A killed search could not say that it ended; whoever looks at it later can see that nobody is at work.
  static Run found(Run run, bool abandoned, const std::string& name) {
    if (abandoned && run.state == "running") {
      run.state = "interrupted";
      run.message = "the search was killed; 'synth resume " + name + "' goes on";
    }
    return run;
  }
};

ResultsDb::ResultsDb(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
ResultsDb::ResultsDb(ResultsDb&&) noexcept = default;
ResultsDb::~ResultsDb() = default;

ResultsDb ResultsDb::create(const std::string& path, const Run& run) {
  const Fill fill = [&run](Database& database) { insert_run(database, run); };
  return ResultsDb(std::make_unique<Connection>(Connection{path, create_store(path, fill)}));
}

ResultsDb ResultsDb::open(const std::string& path, Access access) {
  return ResultsDb(std::make_unique<Connection>(Connection{path, open_store(path, access)}));
}

bool ResultsDb::exists(const std::string& path) {
  std::error_code ignored;
  return is_url(path) ? exists_in_postgresql(path)
                      : std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

void ResultsDb::wait_for_server(Patience patience) {
  connection_->store->wait_for_server(std::move(patience));
}

Run ResultsDb::run() const {
  // Asked first: a search that ends in between has said so by the time the row is read.
  const bool abandoned = connection_->store->abandoned();
  return Connection::found(connection_->read([](Database& database) { return read_run(database); }), abandoned,
                           connection_->name);
}

void ResultsDb::set_state(const std::string& state, const std::string& message, double seconds) {
  connection_->write([&](Database& database) { update_run(database, state, message, seconds); });
}

void ResultsDb::add(const Record& record, double run_seconds) {
  connection_->write([&](Database& database) {
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
    update_run(database, run_seconds);
  });
}

void ResultsDb::add(const GeneratorRecord& generator) {
  connection_->write([&](Database& database) {
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
  connection_->write([&](Database& database) {
    for (const int network : networks) delete_weights(database, network);
  });
}

void ResultsDb::add(const FamilyMember& member) {
  connection_->write([&](Database& database) { replace_member(database, member); });
}

int ResultsDb::begin_session(const Session& session) {
  Session begun = session;
  begun.id = 0;
  begun.began = now();
  begun.versions = with_engine(session.versions, connection_->store->library());
  connection_->write([&](Database& database) {
    if (begun.id == 0) begun.id = next_session(database);
    insert_session(database, begun);
  });
  return begun.id;
}

void ResultsDb::end_session(int session) {
  connection_->write([&](Database& database) { delete_attempts_of_session(database, session); });
}

void ResultsDb::begin_attempt(const Attempt& attempt) {
  connection_->write([&](Database& database) { insert_attempt(database, attempt); });
}

void ResultsDb::add(const Crash& crash) {
  connection_->write([&](Database& database) { insert_crash(database, crash); });
}

void ResultsDb::add(const Candidate& candidate) {
  connection_->write([&](Database& database) { insert_candidate(database, candidate); });
}

void ResultsDb::give_out(int network) {
  connection_->write([&](Database& database) { mark_given_out(database, network, now()); });
}

void ResultsDb::answer(int network, const std::string& answer) {
  connection_->write([&](Database& database) { set_answer(database, network, answer); });
}

std::vector<Candidate> ResultsDb::candidates() const {
  return connection_->read(read_candidates);
}

std::vector<Session> ResultsDb::sessions() const {
  return connection_->read(read_sessions);
}

std::vector<Attempt> ResultsDb::attempts() const {
  return connection_->read(read_attempts);
}

std::vector<Crash> ResultsDb::crashes() const {
  return connection_->read(read_crashes);
}

std::vector<Record> ResultsDb::records(bool with_weights) const {
  const Detail detail = with_weights ? Detail::weights : Detail::evidence;
  return connection_->read([&](Database& database) { return read_records(database, 0, detail); });
}

Record ResultsDb::record(int id, bool with_weights) const {
  const Detail detail = with_weights ? Detail::weights : Detail::evidence;
  auto found = connection_->read(
      [&](Database& database) { return id < 1 ? std::vector<Record>() : read_records(database, id, detail); });
  if (found.empty()) {
    const int last = connection_->read(count_records);
    throw search_space::InputError("run database '" + connection_->name + "' has no network " + std::to_string(id) +
                                   "; it has networks 1 to " + std::to_string(last));
  }
  return std::move(found.front());
}

std::vector<GeneratorRecord> ResultsDb::generators() const {
  return connection_->read([](Database& database) { return read_generators(database, -1, Detail::weights); });
}

std::vector<FamilyMember> ResultsDb::family(bool with_weights) const {
  return connection_->read([&](Database& database) { return read_family(database, with_weights); });
}

Contents ResultsDb::contents(Detail detail) const {
  const bool abandoned = connection_->store->abandoned();
  return connection_->read([&](Database& database) {
    return Contents{Connection::found(read_run(database), abandoned, connection_->name),
                    read_records(database, 0, detail),
                    read_generators(database, -1, detail),
                    read_family(database, detail == Detail::weights),
                    read_sessions(database),
                    read_crashes(database)};
  });
}

}  // namespace results_db
