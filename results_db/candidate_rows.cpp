// SQL about candidates (docs/database.md).
#include "results_db/candidate_rows.h"

#include "results_db/codec.h"

namespace results_db {

std::vector<Candidate> read_candidates(Database& database) {
  const auto row =
      database.query("SELECT network, key, design, asked, answer, parent, in_full FROM candidates ORDER BY network");
  std::vector<Candidate> candidates;
  while (row->next()) {
    Fields fields(*row);
    Candidate& candidate = candidates.emplace_back();
    candidate.network = fields.number();
    candidate.key = fields.text();
    candidate.design =
        design_from(fields.text(), "candidate " + std::to_string(candidate.network) + " of the run database");
    candidate.asked = fields.text();
    candidate.answer = fields.text();
    candidate.parent = fields.number();
    candidate.full = fields.flag();
  }
  return candidates;
}

void insert_candidate(Database& database, const Candidate& candidate) {
  database.execute(
      "INSERT INTO candidates (network, key, design, parent, in_full) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT DO NOTHING",
      {candidate.network, candidate.key, to_text(candidate.design), candidate.parent, candidate.full});
}

void mark_given_out(Database& database, int network, const std::string& when) {
  database.execute("UPDATE candidates SET asked = $2 WHERE network = $1", {network, when});
}

void set_answer(Database& database, int network, const std::string& answer) {
  database.execute("UPDATE candidates SET answer = $2 WHERE network = $1", {network, answer});
}

void settle_candidate(Database& database, int network) {
  database.execute(
      "UPDATE networks SET machine = (SELECT machine FROM results WHERE results.network = $1) WHERE id = $1",
      {network});
  database.execute("DELETE FROM results WHERE network = $1", {network});
  database.execute("DELETE FROM candidates WHERE network = $1", {network});
}

}  // namespace results_db
