// A run in an SQLite file. Internal to results_db.
#pragma once

#include <memory>
#include <string>

#include "results_db/results_db.h"
#include "results_db/store.h"

namespace results_db {

// EnvironmentError as ResultsDb::create and ResultsDb::open say.
std::unique_ptr<Store> create_sqlite(const std::string& path, const Fill& fill);
std::unique_ptr<Store> open_sqlite(const std::string& path, Access access);

}  // namespace results_db
