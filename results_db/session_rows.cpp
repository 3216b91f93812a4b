// SQL about sessions, attempts and crashes (docs/database.md).
#include "results_db/session_rows.h"

#include "results_db/codec.h"

namespace results_db {

std::vector<Session> read_sessions(Database& database) {
  const auto row = database.query(
      "SELECT id, began, processor, instruction_sets, kernels, bf16, versions, limits, other_processor FROM sessions "
      "ORDER BY id");
  std::vector<Session> sessions;
  while (row->next()) {
    Fields fields(*row);
    Session& session = sessions.emplace_back();
    session.id = fields.number();
    session.began = fields.text();
    session.processor = fields.text();
    session.instruction_sets =
        sentences_from(fields.text(), "session " + std::to_string(session.id) + " of the run database");
    session.kernels = fields.text();
    session.bf16 = fields.flag();
    session.versions = fields.text();
    session.limits = fields.text();
    session.other_processor = fields.flag();
  }
  return sessions;
}

int next_session(Database& database) {
  return database.number("SELECT coalesce(max(id), 0) + 1 FROM sessions");
}

void insert_session(Database& database, const Session& session) {
  database.execute(
      "INSERT INTO sessions (id, began, processor, instruction_sets, kernels, bf16, versions, limits, other_processor) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
      {session.id, session.began, session.processor, to_text(session.instruction_sets), session.kernels, session.bf16,
       session.versions, session.limits, session.other_processor});
}

std::vector<Attempt> read_attempts(Database& database) {
  const auto row = database.query("SELECT session, network, key FROM attempts ORDER BY session, network");
  std::vector<Attempt> attempts;
  while (row->next()) {
    Fields fields(*row);
    Attempt& attempt = attempts.emplace_back();
    attempt.session = fields.number();
    attempt.network = fields.number();
    attempt.key = fields.text();
  }
  return attempts;
}

void insert_attempt(Database& database, const Attempt& attempt) {
  database.execute("INSERT INTO attempts (session, network, key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                   {attempt.session, attempt.network, attempt.key});
}

void delete_attempts_of_network(Database& database, int network) {
  database.execute("DELETE FROM attempts WHERE network = $1", {network});
}

void delete_attempts_of_session(Database& database, int session) {
  database.execute("DELETE FROM attempts WHERE session = $1", {session});
}

std::vector<Crash> read_crashes(Database& database) {
  const auto row = database.query("SELECT session, network, key, signal, phase FROM crashes ORDER BY session, network");
  std::vector<Crash> crashes;
  while (row->next()) {
    Fields fields(*row);
    Crash& crash = crashes.emplace_back();
    crash.session = fields.number();
    crash.network = fields.number();
    crash.key = fields.text();
    crash.signal = fields.text();
    crash.phase = fields.text();
  }
  return crashes;
}

void insert_crash(Database& database, const Crash& crash) {
  database.execute(
      "INSERT INTO crashes (session, network, key, signal, phase) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
      {crash.session, crash.network, crash.key, crash.signal, crash.phase});
}

}  // namespace results_db
