// Candidates that are evaluated elsewhere, to rows and back. Internal to results_db.
#pragma once

#include <string>
#include <vector>

#include "results_db/sessions.h"
#include "results_db/store.h"

namespace results_db {

std::vector<Candidate> read_candidates(Database& database);
void insert_candidate(Database& database, const Candidate& candidate);
void mark_given_out(Database& database, int network, const std::string& when);
void set_answer(Database& database, int network, const std::string& answer);
void delete_candidate(Database& database, int network);

}  // namespace results_db
