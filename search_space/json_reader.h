// Strict reading of users' JSON: every error names source, JSON path, what was found and what is allowed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace search_space {

enum class Comments { refused, allowed };  // "// ..." and "/* ... */"

// Parses text; InputError with line and column on malformed text, naming duplicate keys too.
nlohmann::json parse_json(std::string_view text, const std::string& source, Comments comments = Comments::refused);

// One value of a document together with its place.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string source, std::string path = {})
      : value_(value), source_(std::move(source)), path_(std::move(path)) {}

  const nlohmann::json& value() const { return value_; }
  [[noreturn]] void fail(const std::string& reason) const;

  // An object with no other keys than these; all are optional here.
  const JsonReader& object(const std::vector<std::string>& known) const;
  bool has(const std::string& key) const { return value_.is_object() && value_.contains(key); }
  JsonReader at(const std::string& key) const;  // required
  std::vector<JsonReader> items() const;        // of an array

  int integer(int smallest, int largest) const;
  int integer(const std::string& key, int smallest, int largest) const { return at(key).integer(smallest, largest); }
  int integer_or(const std::string& key, int fallback, int smallest, int largest) const;
  bool boolean_or(const std::string& key, bool fallback) const;
  std::string text() const;
  std::string label() const;  // a text without control characters: it appears in titles
  std::string text_or(const std::string& key, const std::string& fallback) const;
  std::string one_of(const std::vector<std::string>& allowed) const;
  std::string one_of_or(const std::string& key, const std::string& fallback,
                        const std::vector<std::string>& allowed) const;

 private:
  const nlohmann::json& value_;
  std::string source_, path_;
};

}  // namespace search_space
