// Reading a table's JSON side-car: what both forms share, and errors that name the JSON path.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluators/table.h"

namespace evaluators {

// A JSON value with the place it stands at.
class JsonPlace {
 public:
  JsonPlace(const nlohmann::json& value, std::string source, std::string path = "")
      : value_(value), source_(std::move(source)), path_(std::move(path)) {}

  const nlohmann::json& value() const { return value_; }
  std::string name() const;                                   // "table.json: accuracy.unit"
  [[noreturn]] void fail(const std::string& expected) const;  // InputError: name, what was found, `expected`

  bool has(const std::string& key) const { return value_.contains(key); }
  JsonPlace at(const std::string& key) const;  // of an object; fails if absent
  JsonPlace at(std::size_t index) const;       // of an array
  const JsonPlace& object() const;             // fails unless it is one; likewise below
  std::size_t array_size() const;
  std::string text() const;  // non-empty
  double number() const;     // finite
  int integer(int low, int high) const;
  // Keys that are unknown but near to an absent known one are typing errors; other unknown keys are the author's notes.
  void check_keys(const std::vector<std::string>& known) const;

 private:
  const nlohmann::json& value_;
  std::string source_;
  std::string path_;
};

// The file's name relative to the side-car's folder, unless absolute.
std::string beside(const std::string& side_car, const std::string& file);

// name, decisions and prototype; the fingerprint is left to the caller.
TableHead read_table_head(const JsonPlace& root);

// Factor that turns accuracies of the file into fractions: `unit` is "percent" or "fraction".
double accuracy_unit(const JsonPlace& accuracy);

// The two forms. `text` is the side-car's text, for the fingerprint.
std::unique_ptr<const Table> make_listed_table(const JsonPlace& root, const std::string& path, const std::string& text);
std::unique_ptr<const Table> make_surrogate_table(const JsonPlace& root, const std::string& path,
                                                  const std::string& text);

}  // namespace evaluators
