// Candidates that are evaluated elsewhere, to rows and back. Internal to results_db.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "results_db/sessions.h"

namespace results_db {

std::vector<Candidate> read_candidates(SQLite::Database& database);
void insert_candidate(SQLite::Database& database, const Candidate& candidate);
void mark_given_out(SQLite::Database& database, int network);
void set_answer(SQLite::Database& database, int network, const std::string& answer);
void delete_candidate(SQLite::Database& database, int network);

}  // namespace results_db
