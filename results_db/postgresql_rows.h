// Bound parameters and results of PostgreSQL. Internal to results_db.
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>

#include "results_db/store.h"

namespace results_db {

std::unique_ptr<Rows> postgres_query(pqxx::transaction_base& transaction, const std::string& sql,
                                     const Values& parameters);

}  // namespace results_db
