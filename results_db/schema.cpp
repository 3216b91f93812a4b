// The database's tables, its version, and how older versions become this one (docs/database.md).
#include "results_db/schema.h"

#include <fmt/format.h>

#include <filesystem>

#include "results_db/results_db.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

using search_space::EnvironmentError;

constexpr const char* tables = R"sql(
CREATE TABLE run (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  config TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  prototype TEXT NOT NULL,
  data TEXT NOT NULL,
  data_fingerprint TEXT NOT NULL,
  evaluator TEXT NOT NULL,
  versions TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'done', 'infeasible')),
  message TEXT NOT NULL,
  seconds REAL NOT NULL
) STRICT;

CREATE TABLE networks (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  design TEXT NOT NULL,
  parent INTEGER REFERENCES networks (id),
  outcome TEXT NOT NULL,
  message TEXT NOT NULL,
  accuracy REAL,
  float_accuracy REAL,
  samples INTEGER NOT NULL,
  latency_ms REAL,
  epochs REAL,
  weights INTEGER NOT NULL,
  biases INTEGER NOT NULL,
  multiply_adds INTEGER NOT NULL,
  peak_activations INTEGER NOT NULL,
  performance REAL,
  accuracy_lower_bound REAL,
  feasible INTEGER NOT NULL CHECK (feasible IN (0, 1)),
  seconds REAL,
  evidence TEXT NOT NULL
) STRICT;
CREATE INDEX networks_key ON networks (key);

CREATE TABLE weights (
  network INTEGER PRIMARY KEY REFERENCES networks (id),
  data BLOB NOT NULL
) STRICT;

CREATE TABLE generators (
  proposal INTEGER PRIMARY KEY,
  k INTEGER NOT NULL,
  parent INTEGER REFERENCES generators (proposal),
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  reason TEXT NOT NULL,
  theta TEXT NOT NULL,
  kl REAL,
  trust_region REAL,
  mean_performance REAL,
  seeds TEXT NOT NULL,
  evidence TEXT NOT NULL
) STRICT;

CREATE TABLE generator_networks (
  proposal INTEGER NOT NULL REFERENCES generators (proposal),
  position INTEGER NOT NULL,
  network INTEGER NOT NULL REFERENCES networks (id),
  outcome TEXT NOT NULL,
  PRIMARY KEY (proposal, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE family (
  name TEXT PRIMARY KEY,
  network INTEGER REFERENCES networks (id),
  generator INTEGER NOT NULL,
  result TEXT NOT NULL
) STRICT;

CREATE TABLE family_weights (
  name TEXT PRIMARY KEY REFERENCES family (name),
  data BLOB NOT NULL
) STRICT;
)sql";

// Version 3 knows the processes that worked at a run; of those before it nothing is known.
constexpr const char* session_tables = R"sql(
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  began TEXT NOT NULL,
  processor TEXT NOT NULL,
  instruction_sets TEXT NOT NULL,
  kernels TEXT NOT NULL,
  bf16 INTEGER NOT NULL CHECK (bf16 IN (0, 1)),
  versions TEXT NOT NULL,
  limits TEXT NOT NULL,
  other_processor INTEGER NOT NULL CHECK (other_processor IN (0, 1))
) STRICT;

CREATE TABLE attempts (
  session INTEGER NOT NULL REFERENCES sessions (id),
  network INTEGER NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (session, network)
) STRICT, WITHOUT ROWID;

CREATE TABLE crashes (
  session INTEGER NOT NULL REFERENCES sessions (id),
  network INTEGER NOT NULL,
  key TEXT NOT NULL,
  signal TEXT NOT NULL,
  phase TEXT NOT NULL,
  PRIMARY KEY (session, network)
) STRICT, WITHOUT ROWID;
)sql";

// Version 4 knows networks that are evaluated elsewhere.
constexpr const char* candidate_table = R"sql(
CREATE TABLE candidates (
  network INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  design TEXT NOT NULL,
  asked TEXT,
  answer TEXT
) STRICT;
)sql";

const std::string version_3 =
    std::string("ALTER TABLE networks ADD COLUMN epochs REAL;") + session_tables;  // NULL: as the options say

// Version 2 says of every network asked for what became of it; known from the order in which networks first appear.
constexpr const char* outcomes_of_requests = R"sql(
ALTER TABLE generator_networks ADD COLUMN outcome TEXT NOT NULL DEFAULT 'duplicate';
CREATE INDEX asked_for ON generator_networks (network, proposal, position);
UPDATE generator_networks SET outcome = (SELECT networks.outcome FROM networks WHERE id = network)
WHERE NOT EXISTS (SELECT 1 FROM generator_networks AS earlier WHERE earlier.network = generator_networks.network
  AND (earlier.proposal, earlier.position) < (generator_networks.proposal, generator_networks.position));
DROP INDEX asked_for;
)sql";

// A copy made by SQLite itself, so that what is still in the write-ahead log is in it. Replaced only when complete.
void back_up(SQLite::Database& database, const std::string& path, int version) {
  const std::string backup = fmt::format("{}.v{}.backup", path, version);
  const std::string unfinished = backup + ".new";
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  SQLite::Statement copy(database, "VACUUM INTO ?");
  copy.bind(1, unfinished);
  copy.exec();
  std::filesystem::rename(unfinished, backup);
}

}  // namespace

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> all = {{1, outcomes_of_requests}, {2, version_3}, {3, candidate_table}};
  return all;
}

std::string schema_sql() {
  return std::string(tables) + session_tables + candidate_table;
}

void create_schema(SQLite::Database& database) {
  database.exec(schema_sql());
  database.exec(fmt::format("PRAGMA application_id = {}", application_id));
  database.exec(fmt::format("PRAGMA user_version = {}", schema_version));
}

int version_of(SQLite::Database& database, const std::string& path) {
  const int id = database.execAndGet("PRAGMA application_id").getInt();
  if (id != application_id) {
    throw EnvironmentError("'" + path + "' is an SQLite file but not a run database: application_id is " +
                           std::to_string(id) + ", expected " + std::to_string(application_id));
  }
  return database.execAndGet("PRAGMA user_version").getInt();
}

void require_known(int found, int current, const std::string& path) {
  if (found <= current) return;
  throw EnvironmentError(
      fmt::format("run database '{}' has schema version {}, made by a newer program; this one knows up to version {}: "
                  "use the newer program",
                  path, found, current));
}

std::vector<const Migration*> route_to(int current, int found, const std::string& path,
                                       const std::vector<Migration>& steps) {
  require_known(found, current, path);
  std::vector<const Migration*> route;
  for (int version = found; version < current; ++version) {
    for (const Migration& step : steps) {
      if (step.from == version) route.push_back(&step);
    }
  }
  if (static_cast<int>(route.size()) != current - found) {
    throw EnvironmentError(fmt::format("run database '{}' has schema version {}, which this program cannot bring to {}",
                                       path, found, current));
  }
  return route;
}

namespace {

void apply(SQLite::Database& database, const std::vector<const Migration*>& route, int current) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (const Migration* step : route) database.exec(step->sql);
  database.exec(fmt::format("PRAGMA user_version = {}", current));
  transaction.commit();
}

}  // namespace

void upgrade(SQLite::Database& database, const std::string& path, const std::vector<Migration>& steps, int current) {
  apply(database, route_to(current, version_of(database, path), path, steps), current);
}

void migrate(SQLite::Database& database, const std::string& path, const std::vector<Migration>& steps, int current) {
  const int found = version_of(database, path);
  if (found == current) return;
  const std::vector<const Migration*> route = route_to(current, found, path, steps);
  back_up(database, path, found);
  apply(database, route, current);
}

}  // namespace results_db
