// The database's tables, its version, and how older versions become this one. Internal to results_db.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

namespace results_db {

inline constexpr int application_id = 0x53594e54;  // "SYNT"

// Turns a database of version `from` into one of version `from` + 1.
struct Migration {
  int from = 0;
  std::string sql;
};

// What this program can migrate.
const std::vector<Migration>& migrations();

// The tables of the present version, in SQLite's words.
std::string schema_sql();

// Tables, application id and version of a new database, within the caller's transaction.
void create_schema(SQLite::Database& database);

// EnvironmentError unless the file is a run database; returns its version.
int version_of(SQLite::Database& database, const std::string& path);

// EnvironmentError if the version is newer than `current`.
void require_known(int found, int current, const std::string& path);

// The steps from version `found` to `current`; EnvironmentError if it is newer or no steps lead there.
std::vector<const Migration*> route_to(int current, int found, const std::string& path,
                                       const std::vector<Migration>& steps);

// Brings the database to version `current` by `steps`, in one transaction. EnvironmentError if it is newer or no steps
// lead to `current`; then nothing is changed. `path` is for messages.
void upgrade(SQLite::Database& database, const std::string& path, const std::vector<Migration>& steps, int current);

// The same for the file at `path`, after a copy to "<path>.v<version>.backup". Nothing happens if it is current.
void migrate(SQLite::Database& database, const std::string& path, const std::vector<Migration>& steps, int current);

}  // namespace results_db
