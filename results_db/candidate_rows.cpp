// SQL about candidates (docs/database.md).
#include "results_db/candidate_rows.h"

#include "results_db/codec.h"

namespace results_db {

std::vector<Candidate> read_candidates(Database& database) {
  const auto row = database.query("SELECT network, key, design, asked, answer FROM candidates ORDER BY network");
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
  }
  return candidates;
}

void insert_candidate(Database& database, const Candidate& candidate) {
  database.execute("INSERT INTO candidates (network, key, design) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                   {candidate.network, candidate.key, to_text(candidate.design)});
}

void mark_given_out(Database& database, int network, const std::string& when) {
  database.execute("UPDATE candidates SET asked = $2 WHERE network = $1", {network, when});
}

void set_answer(Database& database, int network, const std::string& answer) {
  database.execute("UPDATE candidates SET answer = $2 WHERE network = $1", {network, answer});
}

void delete_candidate(Database& database, int network) {
  database.execute("DELETE FROM candidates WHERE network = $1", {network});
}

}  // namespace results_db
