// Connections and errors (see postgresql_connection.h).
#include "results_db/postgresql_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "search_space/errors.h"

namespace results_db {
namespace {

using search_space::EnvironmentError;

// The URL with limits where it says nothing: libpq would wait for ever. InputError where libpq does not understand it.
std::string connection_text(const Address& address) {
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(address.server.c_str(), &reason), PQconninfoFree);
  const std::string why = reason == nullptr ? "not understood" : reason;
  PQfreemem(reason);
  if (!options)
    throw search_space::InputError(fmt::format(
        "{}: {}; allowed is postgresql://USER@HOST:PORT/DATABASE?run=NAME, with further settings of libpq after '&'",
        address.server, search_space::printable(why.substr(0, why.find_last_not_of('\n') + 1))));
  std::string text = address.server;
  const auto add = [&](const std::string& key, const std::string& value) {
    text += fmt::format("{}{}={}", text.find('?') == std::string::npos ? '?' : '&', key, value);
  };
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string key = option->keyword;
    if (option->val == nullptr) {
      if (key == "connect_timeout" && std::getenv("PGCONNECT_TIMEOUT") == nullptr) add(key, "10");
      if (key == "tcp_user_timeout") add(key, "60000");
    } else if (key == "password" || key == "sslpassword") {  // spelled so that parse_address did not see it
      throw search_space::InputError("a password does not belong into a database URL");
    }
  }
  return text;
}

}  // namespace

std::string client_name() {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return fmt::format("synth {}@{}", ::getpid(), host).substr(0, 63);  // what PostgreSQL keeps of it
}

PostgresConnection::PostgresConnection(const Address& address)
    : connection_(connection_text(address)), quiet_(connection_) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection_.inhibit_reactivation(true);  // it would come without lock and schema
#pragma GCC diagnostic pop
  pqxx::nontransaction session(connection_);
  const std::string encoding = session.exec1("SHOW server_encoding")[0].c_str();
  if (encoding != "UTF8")
    throw EnvironmentError(
        fmt::format("{}: the database's encoding is {}, needed is UTF8: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE "
                    "template0",
                    address.server, encoding));
  session.exec0("SET client_encoding = 'UTF8'");
  session.exec0("SET extra_float_digits = 3");
  session.exec_params1("SELECT set_config('application_name', $1, false)", client_name());
}

void PostgresConnection::use_schema(const std::string& schema) {
  pqxx::nontransaction session(connection_);
  session.exec_params1("SELECT set_config('search_path', $1, false)", connection_.quote_name(schema));
}

std::string message_of(const pqxx::failure& error) {
  std::string text = error.what();
  text.erase(text.find_last_not_of(" \n") + 1);
  for (std::size_t at = 0; (at = text.find_first_of("\n\t", at)) != std::string::npos;)
    text.replace(at, 1, text[at] == '\n' ? "; " : "");
  return search_space::printable(text);
}

bool is_loss(const pqxx::failure& error, const pqxx::connection* connection) {
  if (dynamic_cast<const pqxx::broken_connection*>(&error) != nullptr ||
      dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr)
    return true;
  const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
  // The administrator ended the connection, the server crashed, or it is starting.
  if (sql != nullptr && (sql->sqlstate() == "57P01" || sql->sqlstate() == "57P02" || sql->sqlstate() == "57P03"))
    return true;
  return connection != nullptr && !connection->is_open();
}

void throw_explained(const pqxx::failure& error, const std::string& url) {
  const std::string what = ": " + message_of(error);
  if (is_loss(error, nullptr))
    throw EnvironmentError(
        "cannot reach the database of '" + url + "'" + what +
        "; check the URL and that the server runs and lets you in; a password comes from PGPASSWORD, "
        "~/.pgpass or a service file");
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr)
    throw EnvironmentError("this role lacks rights for '" + url + "'" + what +
                           "; docs/postgresql.md says which role does what");
  if (dynamic_cast<const pqxx::insufficient_resources*>(&error) != nullptr)
    throw EnvironmentError("the server of '" + url + "' is out of resources" + what +
                           "; recorded work is kept: free some, then 'synth resume " + url + "'");
  if (dynamic_cast<const pqxx::data_exception*>(&error) != nullptr)
    throw EnvironmentError("a text of the run is no UTF-8, which '" + url + "' needs" + what +
                           "; keep this run in a file");
  if (dynamic_cast<const pqxx::undefined_table*>(&error) != nullptr)
    throw EnvironmentError("run database '" + url + "' is damaged" + what + "; restore it from a copy");
  if (dynamic_cast<const pqxx::transaction_rollback*>(&error) != nullptr)
    throw EnvironmentError("the server of '" + url + "' gave a transaction up" + what + "; try again");
  const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
  if (sql != nullptr && sql->sqlstate() == "25006")
    throw EnvironmentError("'" + url + "' cannot be written" + what + "; name the server that is no standby");
  throw std::logic_error("run database '" + url + "'" + what);
}

}  // namespace results_db
