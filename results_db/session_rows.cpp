// SQL about sessions, attempts and crashes (docs/database.md).
#include "results_db/session_rows.h"

#include <nlohmann/json.hpp>

#include "results_db/codec.h"

namespace results_db {
namespace {

// The caller's versions and SQLite's, which only this folder knows.
std::string with_sqlite(const std::string& versions) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(versions, nullptr, false);
  if (!json.is_object()) json = nlohmann::ordered_json::object();
  json["sqlite"] = SQLite::getLibVersion();
  return json.dump();
}

void delete_attempts(SQLite::Database& database, const char* sql, int number) {
  SQLite::Statement statement(database, sql);
  statement.bind(1, number);
  statement.exec();
}

}  // namespace

std::vector<Session> read_sessions(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT * FROM sessions ORDER BY id");
  std::vector<Session> sessions;
  while (row.executeStep()) {
    Session& session = sessions.emplace_back();
    session.id = row.getColumn("id");
    session.began = row.getColumn("began").getString();
    session.processor = row.getColumn("processor").getString();
    session.instruction_sets = sentences_from(row.getColumn("instruction_sets").getString(),
                                              "session " + std::to_string(session.id) + " of the run database");
    session.kernels = row.getColumn("kernels").getString();
    session.bf16 = row.getColumn("bf16").getInt() != 0;
    session.versions = row.getColumn("versions").getString();
    session.limits = row.getColumn("limits").getString();
    session.other_processor = row.getColumn("other_processor").getInt() != 0;
  }
  return sessions;
}

int insert_session(SQLite::Database& database, const Session& session) {
  SQLite::Statement insert(database,
                           "INSERT INTO sessions (began, processor, instruction_sets, kernels, bf16, versions, limits, "
                           "other_processor) VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, session.processor);
  insert.bind(2, to_text(session.instruction_sets));
  insert.bind(3, session.kernels);
  insert.bind(4, session.bf16 ? 1 : 0);
  insert.bind(5, with_sqlite(session.versions));
  insert.bind(6, session.limits);
  insert.bind(7, session.other_processor ? 1 : 0);
  insert.exec();
  return static_cast<int>(database.getLastInsertRowid());
}

std::vector<Attempt> read_attempts(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT session, network, key FROM attempts ORDER BY session, network");
  std::vector<Attempt> attempts;
  while (row.executeStep()) attempts.push_back({row.getColumn(0), row.getColumn(1), row.getColumn(2).getString()});
  return attempts;
}

void insert_attempt(SQLite::Database& database, const Attempt& attempt) {
  SQLite::Statement insert(database, "INSERT OR IGNORE INTO attempts (session, network, key) VALUES (?, ?, ?)");
  insert.bind(1, attempt.session);
  insert.bind(2, attempt.network);
  insert.bind(3, attempt.key);
  insert.exec();
}

void delete_attempts_of_network(SQLite::Database& database, int network) {
  delete_attempts(database, "DELETE FROM attempts WHERE network = ?", network);
}

void delete_attempts_of_session(SQLite::Database& database, int session) {
  delete_attempts(database, "DELETE FROM attempts WHERE session = ?", session);
}

std::vector<Crash> read_crashes(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT session, network, key, signal, phase FROM crashes ORDER BY session, network");
  std::vector<Crash> crashes;
  while (row.executeStep()) {
    crashes.push_back({row.getColumn(0), row.getColumn(1), row.getColumn(2).getString(), row.getColumn(3).getString(),
                       row.getColumn(4).getString()});
  }
  return crashes;
}

void insert_crash(SQLite::Database& database, const Crash& crash) {
  SQLite::Statement insert(
      database, "INSERT OR IGNORE INTO crashes (session, network, key, signal, phase) VALUES (?, ?, ?, ?, ?)");
  insert.bind(1, crash.session);
  insert.bind(2, crash.network);
  insert.bind(3, crash.key);
  insert.bind(4, crash.signal);
  insert.bind(5, crash.phase);
  insert.exec();
}

}  // namespace results_db
