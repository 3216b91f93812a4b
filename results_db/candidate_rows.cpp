// SQL about candidates (docs/database.md).
#include "results_db/candidate_rows.h"

#include "results_db/codec.h"

namespace results_db {

std::vector<Candidate> read_candidates(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT network, key, design, asked, answer FROM candidates ORDER BY network");
  std::vector<Candidate> candidates;
  while (row.executeStep()) {
    Candidate& candidate = candidates.emplace_back();
    candidate.network = row.getColumn(0);
    candidate.key = row.getColumn(1).getString();
    const std::string where = "candidate " + std::to_string(candidate.network) + " of the run database";
    candidate.design = design_from(row.getColumn(2).getString(), where);
    candidate.asked = row.getColumn(3).getString();
    candidate.answer = row.getColumn(4).getString();
  }
  return candidates;
}

void insert_candidate(SQLite::Database& database, const Candidate& candidate) {
  SQLite::Statement insert(database, "INSERT OR IGNORE INTO candidates (network, key, design) VALUES (?, ?, ?)");
  insert.bind(1, candidate.network);
  insert.bind(2, candidate.key);
  insert.bind(3, to_text(candidate.design));
  insert.exec();
}

void mark_given_out(SQLite::Database& database, int network) {
  SQLite::Statement update(database,
                           "UPDATE candidates SET asked = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE network = ?");
  update.bind(1, network);
  update.exec();
}

void set_answer(SQLite::Database& database, int network, const std::string& answer) {
  SQLite::Statement update(database, "UPDATE candidates SET answer = ? WHERE network = ?");
  update.bind(1, answer);
  update.bind(2, network);
  update.exec();
}

void delete_candidate(SQLite::Database& database, int network) {
  SQLite::Statement statement(database, "DELETE FROM candidates WHERE network = ?");
  statement.bind(1, network);
  statement.exec();
}

}  // namespace results_db
