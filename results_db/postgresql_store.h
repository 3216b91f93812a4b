// Runs in a PostgreSQL database: each is a schema of its own, "synth:NAME", with the tables of a run's file, so that
// the same statements serve both. Internal to results_db.
#pragma once

#include <memory>
#include <string>

#include "results_db/store.h"

namespace results_db {

// EnvironmentError and InputError as ResultsDb::create and ResultsDb::open say.
std::unique_ptr<Store> create_postgresql(const std::string& url, const Fill& fill);
std::unique_ptr<Store> open_postgresql(const std::string& url, Access access);
bool exists_in_postgresql(const std::string& url);

}  // namespace results_db
