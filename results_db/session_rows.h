// Sessions, attempts and crashes to rows and back. Internal to results_db.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

#include "results_db/sessions.h"

namespace results_db {

std::vector<Session> read_sessions(SQLite::Database& database);
int insert_session(SQLite::Database& database, const Session& session);  // returns its number

std::vector<Attempt> read_attempts(SQLite::Database& database);
void insert_attempt(SQLite::Database& database, const Attempt& attempt);
void delete_attempts_of_network(SQLite::Database& database, int network);
void delete_attempts_of_session(SQLite::Database& database, int session);

std::vector<Crash> read_crashes(SQLite::Database& database);
void insert_crash(SQLite::Database& database, const Crash& crash);

}  // namespace results_db
