// The seam between records and the engines that keep them: SQL that all engines understand, with numbered parameters
// ($1, $2, ...) that are always bound. Internal to results_db.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "results_db/results_db.h"

namespace results_db {

struct Blob {
  std::string bytes;
};

// What is stored in a field. NaN is stored as NULL.
struct Value : std::variant<std::monostate, std::int64_t, double, std::string, Blob> {
  using variant::variant;
  Value(int number) : variant(std::int64_t{number}) {}
  Value(bool flag) : variant(std::int64_t{flag}) {}
  Value(std::string_view text) : variant(std::string(text)) {}
  Value(const char* text) : variant(std::string(text)) {}
};
using Values = std::vector<Value>;

// `none` is stored as NULL, since it refers to no row.
inline Value reference(int value, int none) {
  return value == none ? Value() : Value(value);
}

// A result, row by row; columns in the order of the statement.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual bool next() = 0;
  virtual std::vector<std::string> columns() const = 0;
  virtual Value value(int column) const = 0;  // with the column's type
  virtual bool null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;  // NULL reads as 0
  virtual double real(int column) const = 0;           // NULL reads as 0
  virtual std::string text(int column) const = 0;      // NULL reads as empty
  virtual std::string blob(int column) const = 0;      // NULL reads as empty
};

// The fields of the present row, one after the other.
class Fields {
 public:
  explicit Fields(const Rows& row) : row_(row) {}
  int number() { return static_cast<int>(row_.integer(column_++)); }
  std::int64_t large() { return row_.integer(column_++); }
  bool flag() { return row_.integer(column_++) != 0; }
  int reference(int none) { return row_.null(column_) ? (++column_, none) : number(); }
  double real() {  // NULL stands for NaN
    return row_.null(column_) ? (++column_, std::numeric_limits<double>::quiet_NaN()) : row_.real(column_++);
  }
  double real_or_zero() { return row_.real(column_++); }
  std::string text() { return row_.text(column_++); }
  std::string blob() { return row_.blob(column_++); }

 private:
  const Rows& row_;
  int column_ = 0;
};

// Statements of the transaction under way.
class Database {
 public:
  virtual ~Database() = default;
  virtual std::unique_ptr<Rows> query(const std::string& sql, const Values& parameters = {}) = 0;
  void execute(const std::string& sql, const Values& parameters = {}) { query(sql, parameters)->next(); }
  // The first field of the only row.
  int number(const std::string& sql) {
    const auto rows = query(sql);
    return rows->next() ? static_cast<int>(rows->integer(0)) : 0;
  }
};

// A run in an engine.
class Store : public Database {
 public:
  // One transaction: all of `work` or nothing. Where the engine lost its connection `work` may run more than once.
  // std::logic_error if the run was opened for reading; errors of the engine explained to users as EnvironmentError.
  virtual void write(const std::function<void()>& work) = 0;
  // What `work` reads is of one moment.
  virtual void read(const std::function<void()>& work) = 0;
  virtual bool abandoned() = 0;                               // neither this process nor another one writes
  virtual std::pair<std::string, std::string> library() = 0;  // name and version, for the record
  virtual void wait_for_server(Patience /*patience*/) {}
};

// Writes what a new run begins with.
using Fill = std::function<void(Database&)>;

// By `run`'s form (address.h). Errors as ResultsDb::create and ResultsDb::open say.
std::unique_ptr<Store> create_store(const std::string& run, const Fill& fill);
std::unique_ptr<Store> open_store(const std::string& run, Access access);

}  // namespace results_db
