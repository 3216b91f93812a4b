// PostgreSQL behind the seam: statements, transactions, the writer's lock, and waiting for a server that is gone.
#include "results_db/postgresql_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "results_db/postgresql_connection.h"
#include "results_db/postgresql_rows.h"
#include "results_db/schema.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

using namespace std::chrono_literals;
using search_space::EnvironmentError;

constexpr int first_version = 4;  // of a run in PostgreSQL
constexpr auto longest_pause = 60s;

std::string schema_of(const Address& address) {
  return "synth:" + address.run;
}

// The present tables in PostgreSQL's words.
std::string translated(std::string sql) {
  const std::pair<const char*, const char*> words[] = {
      {" STRICT, WITHOUT ROWID;", ";"}, {" STRICT;", ";"},   {" INTEGER", " BIGINT"},
      {" REAL", " DOUBLE PRECISION"},   {" BLOB", " BYTEA"}, {" TEXT", " TEXT COLLATE \"C\""}};
  for (const auto& [from, to] : words) {
    const std::size_t length = std::string(from).size();
    for (std::size_t at = 0; (at = sql.find(from, at)) != std::string::npos; at += std::string(to).size())
      sql.replace(at, length, to);
  }
  return sql;
}

// What PRAGMA application_id and user_version are to a file.
std::string version_comment(pqxx::connection& connection, const std::string& schema) {
  return fmt::format("COMMENT ON SCHEMA {} IS 'synth run, schema version {}'", connection.quote_name(schema),
                     schema_version);
}

class PostgresStore : public Store {
 public:
  PostgresStore(std::string url, Access access)
      : url_(std::move(url)),
        address_(parse_run_address(url_)),
        writes_(access != Access::read),
        locks_(access == Access::write) {
    explained([&] { connection_ = std::make_unique<PostgresConnection>(address_); });
  }

  void create(const Fill& fill);
  void open();

  std::unique_ptr<Rows> query(const std::string& sql, const Values& parameters) override {
    if (transaction_ == nullptr) throw std::logic_error("a statement outside of every transaction: " + sql);
    return postgres_query(*transaction_, sql, parameters);
  }
  void write(const std::function<void()>& work) override {
    if (!writes_) throw std::logic_error("run database '" + url_ + "' was opened for reading");
    attempt([&] { within<pqxx::work>(work); });
  }
  void read(const std::function<void()>& work) override {
    attempt([&] { within<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>(work); });
  }
  bool abandoned() override;
  std::pair<std::string, std::string> library() override {
    const int version = connection_->get().server_version();
    return {"postgresql", fmt::format("{}.{}", version / 10000, version % 10000)};
  }
  std::string client() override { return client_name(); }
  void wait_for_server(Patience patience) override { patience_ = std::move(patience); }

 private:
  template <typename Work>
  void explained(Work work) {
    try {
      work();
    } catch (const pqxx::failure& error) {
      throw_explained(error, url_);
    }
  }
  template <typename Transaction>
  void within(const std::function<void()>& work) {
    Transaction transaction(connection_->get());
    transaction_ = &transaction;
    const std::shared_ptr<void> end(nullptr, [this](void*) { transaction_ = nullptr; });
    work();
    transaction.commit();
  }
  void attempt(const std::function<void()>& step);
  void pause(const std::string& why, std::chrono::seconds length) const;
  void reconnect();
  // Of the run's schema: the lock's number, and what its comment says.
  int lock_number();
  int version();
  void migrate_from(int found);
  bool try_lock();
  void lock();

  const std::string url_;
  const Address address_;
  const bool writes_, locks_;
  std::unique_ptr<PostgresConnection> connection_;  // null while it is lost
  pqxx::transaction_base* transaction_ = nullptr;
  int backend_ = 0;  // the server's process that held the lock
  Patience patience_;
};

void PostgresStore::create(const Fill& fill) {
  const std::string schema = schema_of(address_);
  pqxx::connection& connection = connection_->get();
  try {
    pqxx::work transaction(connection);
    transaction_ = &transaction;
    const std::shared_ptr<void> end(nullptr, [this](void*) { transaction_ = nullptr; });
    transaction.exec0("CREATE SCHEMA " + connection.quote_name(schema));
    transaction.exec_params1("SELECT set_config('search_path', $1, false)", connection.quote_name(schema));
    transaction.exec(translated(schema_sql()));
    transaction.exec0(version_comment(connection, schema));
    lock();
    fill(*this);
    transaction.commit();
  } catch (const pqxx::sql_error& error) {
    if (error.sqlstate() == "42P06")
      throw EnvironmentError(
          fmt::format("'{}' exists already; 'synth resume {}' goes on with a run, a new search needs "
                      "a new name",
                      url_, url_));
    throw_explained(error, url_);
  } catch (const pqxx::failure& error) {
    throw_explained(error, url_);
  }
}

void PostgresStore::open() {
  explained([&] {
    connection_->use_schema(schema_of(address_));
    const int found = version();
    require_known(found, schema_version, url_);
    if (found < first_version || (found < schema_version && !locks_))
      throw EnvironmentError(fmt::format("run database '{}' has schema version {}, which this program cannot {}", url_,
                                         found,
                                         found < first_version ? "bring to a newer one"
                                                               : "read before "
                                                                 "'synth resume' has brought it to a newer one"));
    if (!locks_) return;
    pqxx::nontransaction session(connection_->get());
    transaction_ = &session;
    const std::shared_ptr<void> end(nullptr, [this](void*) { transaction_ = nullptr; });
    lock();
  });
  if (locks_) explained([&] { migrate_from(version()); });
}

int PostgresStore::version() {
  pqxx::nontransaction session(connection_->get());
  const pqxx::result found = session.exec_params(
      "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1", schema_of(address_));
  if (found.empty())
    throw EnvironmentError(
        fmt::format("run database '{0}' does not exist; 'synth search --db {1}' makes one, 'synth "
                    "list runs {2}' lists those that there are",
                    url_, url_, address_.server));
  int number = 0;
  if (found[0][0].is_null() || std::sscanf(found[0][0].c_str(), "synth run, schema version %d", &number) != 1)
    throw EnvironmentError(fmt::format("'{}' is no run database: the schema's comment does not say so", url_));
  return number;
}

void PostgresStore::migrate_from(int found) {
  if (found == schema_version) return;
  pqxx::work transaction(connection_->get());
  for (const Migration* step : route_to(schema_version, found, url_, migrations()))
    transaction.exec(translated(step->sql));
  transaction.exec0(version_comment(connection_->get(), schema_of(address_)));
  transaction.commit();
}

// Advisory locks of a session go with it, however it ends.
bool PostgresStore::try_lock() {
  const pqxx::row row =
      transaction_->exec_params1("SELECT pg_try_advisory_lock($1, $2)", application_id, lock_number());
  if (!row[0].as<bool>()) return false;
  backend_ = connection_->get().backendpid();
  return true;
}

void PostgresStore::lock() {
  // A server ends the session of a program that is gone a moment later: only who keeps the lock is another writer.
  constexpr auto moment = 2s;
  for (const auto until = std::chrono::steady_clock::now() + moment; std::chrono::steady_clock::now() < until;
       std::this_thread::sleep_for(20ms))
    if (try_lock()) return;
  const pqxx::result holder = transaction_->exec_params(
      "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted "
      "AND classid = $1 AND objid = $2",
      application_id, lock_number());
  const std::string who = holder.empty() ? "" : fmt::format(" ({})", search_space::printable(holder[0][0].c_str()));
  throw Busy("another process" + who + " is searching in run database '" + url_ +
             "'; wait for it, stop it, or use another --db");
}

int PostgresStore::lock_number() {
  const pqxx::result found = transaction_->exec_params(
      "SELECT (oid::bigint % 2147483647)::int FROM pg_namespace WHERE nspname = $1", schema_of(address_));
  return found.empty() ? 0 : found[0][0].as<int>();
}

bool PostgresStore::abandoned() {
  if (locks_) return false;
  bool held = false;
  read([&] {
    held =
        transaction_
            ->exec_params1(
                "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid "
                "= $2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                application_id, lock_number())[0]
            .as<bool>();
  });
  return !held;
}

// Every step may be taken twice: it finds out itself what was committed when the connection broke.
void PostgresStore::attempt(const std::function<void()>& step) {
  std::chrono::seconds length = 1s;
  for (bool lost = false;;) {
    try {
      if (!connection_) reconnect();
      if (lost) patience_.say("the server of " + url_ + " is back");
      lost = false;
      step();
      return;
    } catch (const pqxx::failure& error) {
      if (!is_loss(error, connection_ ? &connection_->get() : nullptr)) throw_explained(error, url_);
      if (!writes_ || !patience_.say) throw_explained(pqxx::broken_connection(error.what()), url_);
      connection_.reset();
      pause(message_of(error), length);
      length = std::min<std::chrono::seconds>(2 * length, longest_pause);
      lost = true;
    }
  }
}

void PostgresStore::pause(const std::string& why, std::chrono::seconds length) const {
  patience_.say(fmt::format("lost the server of {}: {}; trying again in {} s, nothing recorded is lost", url_, why,
                            length.count()));
  const auto end = std::chrono::steady_clock::now() + length;
  while (std::chrono::steady_clock::now() < end) {
    if (patience_.given_up && patience_.given_up())
      throw EnvironmentError(
          fmt::format("gave up waiting for the server of '{}': {}; recorded work is kept: 'synth "
                      "resume {}' goes on",
                      url_, why, url_));
    std::this_thread::sleep_for(50ms);
  }
}

// With the lock again. Where only the way to the server broke, the server's process of before may still hold it.
void PostgresStore::reconnect() {
  auto connection = std::make_unique<PostgresConnection>(address_);
  connection->use_schema(schema_of(address_));
  connection_ = std::move(connection);
  if (!locks_) return;
  try {
    pqxx::nontransaction session(connection_->get());
    transaction_ = &session;
    const std::shared_ptr<void> end(nullptr, [this](void*) { transaction_ = nullptr; });
    for (int tries = 0; !try_lock(); ++tries) {
      if (tries == 20) lock();  // says who has it
      session.exec_params(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2", backend_,
          client_name());
      std::this_thread::sleep_for(100ms);
    }
  } catch (...) {
    connection_.reset();
    throw;
  }
}

}  // namespace

std::unique_ptr<Store> create_postgresql(const std::string& url, const Fill& fill) {
  auto store = std::make_unique<PostgresStore>(url, Access::write);
  store->create(fill);
  return store;
}

std::unique_ptr<Store> open_postgresql(const std::string& url, Access access) {
  auto store = std::make_unique<PostgresStore>(url, access);
  store->open();
  return store;
}

}  // namespace results_db
