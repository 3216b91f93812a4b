// The library that keeps runs in files.
#pragma once

#include <string>

namespace results_db {

std::string sqlite_version();  // "3.40.1"

}  // namespace results_db
