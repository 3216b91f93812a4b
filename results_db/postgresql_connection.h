// Connecting to PostgreSQL, and what its errors mean to a user. Internal to results_db.
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>

#include "results_db/address.h"

namespace results_db {

// A connection that says what it has lost instead of opening itself anew, in UTF-8, with exact numbers.
class PostgresConnection {
 public:
  // InputError for a URL that libpq does not understand, EnvironmentError for a database that is not UTF-8;
  // pqxx::broken_connection where there is no server, or it refuses.
  explicit PostgresConnection(const Address& address);

  pqxx::connection& get() { return connection_; }
  // What unqualified tables are those of.
  void use_schema(const std::string& schema);

 private:
  pqxx::connection connection_;
  pqxx::quiet_errorhandler quiet_;  // nothing is printed behind the caller's back
};

// This process, as the server shows it to others: "synth 4711@host".
std::string client_name();

// Whether an error means that the server, or the way to it, is gone.
bool is_loss(const pqxx::failure& error, const pqxx::connection* connection);

// What went wrong with the run or database at `url`: EnvironmentError where the user can cure it, else
// std::logic_error.
[[noreturn]] void throw_explained(const pqxx::failure& error, const std::string& url);

// On one line.
std::string message_of(const pqxx::failure& error);

}  // namespace results_db
