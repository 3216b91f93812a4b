// Values as PostgreSQL's text format: doubles as the shortest decimals that read back to the same bits.
#include "results_db/postgresql_rows.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "search_space/errors.h"

namespace results_db {
namespace {

// Types as the server numbers them (pg_type.dat).
enum Type : pqxx::oid { boolean = 16, bytes = 17, int8 = 20, int4 = 23, float8 = 701 };

std::string shortest(double number) {
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number);
  return {text, end.ptr};
}

// The texts of parameters, which statements point to; null pointers are NULL.
struct Bound {
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
};

std::string text_of(const Value& value, const pqxx::transaction_base& transaction) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return shortest(*number);
  if (const auto* blob = std::get_if<Blob>(&value)) return transaction.esc_raw(blob->bytes);
  const std::string& text = std::get<std::string>(value);
  if (text.find('\0') != std::string::npos)
    throw search_space::EnvironmentError(
        "a text of the run holds a zero byte, which PostgreSQL cannot keep: keep this "
        "run in a file");
  return text;
}

bool is_null(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return std::holds_alternative<std::monostate>(value) || (number != nullptr && std::isnan(*number));
}

Bound bound_to(const Values& parameters, const pqxx::transaction_base& transaction) {
  Bound bound;
  for (const Value& value : parameters)
    bound.texts.push_back(is_null(value) ? std::string() : text_of(value, transaction));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    bound.pointers.push_back(is_null(parameters[i]) ? nullptr : bound.texts[i].c_str());
  return bound;
}

class PostgresRows : public Rows {
 public:
  explicit PostgresRows(pqxx::result result) : result_(std::move(result)) {}

  bool next() override { return ++row_ < static_cast<int>(result_.size()); }
  bool null(int column) const override { return at(column).is_null(); }
  std::int64_t integer(int column) const override { return null(column) ? 0 : std::atoll(at(column).c_str()); }
  double real(int column) const override { return null(column) ? 0 : std::strtod(at(column).c_str(), nullptr); }
  std::string text(int column) const override { return null(column) ? "" : at(column).c_str(); }
  std::string blob(int column) const override { return null(column) ? "" : pqxx::binarystring(at(column)).str(); }

  std::vector<std::string> columns() const override {
    std::vector<std::string> names;
    for (pqxx::row::size_type i = 0; i < result_.columns(); ++i) names.emplace_back(result_.column_name(i));
    return names;
  }

  Value value(int column) const override {
    if (null(column)) return {};
    switch (at(column).type()) {
      case int4:
      case int8:
        return integer(column);
      case float8:
        return real(column);
      case bytes:
        return Blob{blob(column)};
      default:
        return text(column);
    }
  }

 private:
  pqxx::field at(int column) const { return result_[row_][column]; }

  pqxx::result result_;
  int row_ = -1;
};

}  // namespace

std::unique_ptr<Rows> postgres_query(pqxx::transaction_base& transaction, const std::string& sql,
                                     const Values& parameters) {
  const Bound bound = bound_to(parameters, transaction);
  return std::make_unique<PostgresRows>(
      transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(bound.pointers)));
}

}  // namespace results_db
