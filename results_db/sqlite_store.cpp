// SQLite behind the seam: statements, transactions, and how a file is made.
#include "results_db/sqlite_store.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "results_db/connection.h"
#include "results_db/library.h"
#include "results_db/schema.h"

namespace results_db {
namespace {

namespace fs = std::filesystem;
using search_space::EnvironmentError;

class SqliteRows : public Rows {
 public:
  SqliteRows(SQLite::Database& database, const std::string& sql, const Values& parameters)
      : statement_(database, sql), parameters_(parameters) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) bind("$" + std::to_string(i + 1), parameters_[i]);
  }

  bool next() override { return statement_.executeStep(); }
  bool null(int column) const override { return statement_.isColumnNull(column); }
  std::int64_t integer(int column) const override { return at(column).getInt64(); }
  double real(int column) const override { return at(column).getDouble(); }
  std::string text(int column) const override { return at(column).getString(); }
  std::string blob(int column) const override { return at(column).getString(); }

  std::vector<std::string> columns() const override {
    std::vector<std::string> names;
    for (int i = 0; i < statement_.getColumnCount(); ++i) names.push_back(statement_.getColumnName(i));
    return names;
  }

  Value value(int column) const override {
    const SQLite::Column field = at(column);
    if (field.isInteger()) return std::int64_t{field.getInt64()};
    if (field.isFloat()) return field.getDouble();
    if (field.isText()) return field.getString();
    if (field.isBlob()) return Blob{field.getString()};
    return {};
  }

 private:
  SQLite::Column at(int column) const { return const_cast<SQLite::Statement&>(statement_).getColumn(column); }

  void bind(const std::string& name, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) statement_.bind(name, *number);
    if (const auto* number = std::get_if<double>(&value)) statement_.bind(name, *number);  // NaN as NULL
    if (const auto* text = std::get_if<std::string>(&value)) statement_.bind(name, *text);
    if (const auto* blob = std::get_if<Blob>(&value))
      statement_.bindNoCopy(name, blob->bytes.data(), static_cast<int>(blob->bytes.size()));
  }

  SQLite::Statement statement_;
  const Values parameters_;
};

// A connection without a lock: also a file under construction, or a copy in memory.
class SqliteDatabase : public Database {
 public:
  explicit SqliteDatabase(SQLite::Database& database) : database_(database) {}
  std::unique_ptr<Rows> query(const std::string& sql, const Values& parameters) override {
    return std::make_unique<SqliteRows>(database_, sql, parameters);
  }

 private:
  SQLite::Database& database_;
};

class SqliteStore : public Store {
 public:
  // `lock` is null for a reader.
  SqliteStore(std::string path, std::unique_ptr<WriterLock> lock, std::unique_ptr<SQLite::Database> database)
      : path_(std::move(path)), lock_(std::move(lock)), database_(std::move(database)) {}

  std::unique_ptr<Rows> query(const std::string& sql, const Values& parameters) override {
    return std::make_unique<SqliteRows>(*database_, sql, parameters);
  }

  void write(const std::function<void()>& work) override {
    if (!lock_) throw std::logic_error("run database '" + path_ + "' was opened for reading");
    explained(path_, [&] {
      SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
      work();
      transaction.commit();
    });
  }

  void read(const std::function<void()>& work) override {
    explained(path_, [&] {
      SQLite::Transaction moment(*database_);
      work();
    });
  }

  bool abandoned() override { return !lock_ && !being_written(path_); }
  std::pair<std::string, std::string> library() override { return {"sqlite", SQLite::getLibVersion()}; }

 private:
  const std::string path_;
  const std::unique_ptr<WriterLock> lock_;  // declared first: released after the database is closed
  const std::unique_ptr<SQLite::Database> database_;
};

void require_absent(const std::string& path) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error))) {
    throw EnvironmentError("'" + path + "' exists already; 'synth resume " + path +
                           "' goes on with a run, a new search needs a new --db");
  }
}

void make_file(const std::string& path, const Fill& fill) {
  explained(path, [&] {
    SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Transaction transaction(database);
    create_schema(database);
    SqliteDatabase filled(database);
    fill(filled);
    transaction.commit();
    database.exec("PRAGMA journal_mode = WAL");
  });
}

void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path + suffix, ignored);
}

// An older run is read through a copy in memory, so that the file stays as its own program knows it.
std::unique_ptr<SQLite::Database> upgraded_copy(SQLite::Database& old, const std::string& path) {
  return explained(path, [&] {
    auto copy = std::make_unique<SQLite::Database>(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup(*copy, old).executeStep();
    upgrade(*copy, path, migrations(), schema_version);
    return copy;
  });
}

}  // namespace

// A complete file under a temporary name: whoever is killed while making it leaves no half-made database behind.
std::unique_ptr<Store> create_sqlite(const std::string& path, const Fill& fill) {
  require_absent(path);
  auto lock = std::make_unique<WriterLock>(path);
  require_absent(path);  // another search may have made it before this one had the lock
  const std::string unfinished = path + ".new";
  remove_database(unfinished);
  try {
    make_file(unfinished, fill);
  } catch (...) {
    remove_database(unfinished);
    throw;
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    remove_database(unfinished);
    throw EnvironmentError("cannot make run database '" + path + "': " + reason);
  }
  return std::make_unique<SqliteStore>(path, std::move(lock), open_for_writing(path));
}

std::unique_ptr<Store> open_sqlite(const std::string& path, Access access) {
  // First as a reader: a file that is no run database is refused before anything is written beside it or into it.
  auto database = open_for_reading(path);
  const int version = explained(path, [&] { return version_of(*database, path); });
  require_known(version, schema_version, path);
  if (access == Access::read) {
    if (version < schema_version) database = upgraded_copy(*database, path);
    return std::make_unique<SqliteStore>(path, nullptr, std::move(database));
  }
  database.reset();
  auto lock = std::make_unique<WriterLock>(path);
  database = open_for_writing(path);
  explained(path, [&] { migrate(*database, path, migrations(), schema_version); });
  return std::make_unique<SqliteStore>(path, std::move(lock), std::move(database));
}

std::string sqlite_version() {
  return SQLite::getLibVersion();
}

}  // namespace results_db
