// Sessions, attempts and crashes to rows and back. Internal to results_db.
#pragma once

#include <vector>

#include "results_db/sessions.h"
#include "results_db/store.h"

namespace results_db {

std::vector<Session> read_sessions(Database& database);
int next_session(Database& database);
void insert_session(Database& database, const Session& session);  // a no-op if it is there

std::vector<Attempt> read_attempts(Database& database);
void insert_attempt(Database& database, const Attempt& attempt);
void delete_attempts_of_network(Database& database, int network);
void delete_attempts_of_session(Database& database, int session);

std::vector<Crash> read_crashes(Database& database);
void insert_crash(Database& database, const Crash& crash);

}  // namespace results_db
