// Strict reading of users' JSON.
#include "search_space/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "search_space/errors.h"

namespace search_space {
namespace {

// nlohmann's parser keeps the last of equal keys in silence.
class DuplicateKeys {
 public:
  bool operator()(int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) open_.emplace_back();
    if (event == Event::object_end) open_.pop_back();
    if (event == Event::key && !open_.back().insert(parsed.get<std::string>()).second) {
      throw InputError("key '" + parsed.get<std::string>() + "' appears twice in one object");
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> open_;
};

std::string shown(const nlohmann::json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() <= longest ? text : text.substr(0, longest) + "...";
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& source, Comments comments) {
  try {
    // The callback is copied by the parser: its state lives here.
    DuplicateKeys duplicates;
    return nlohmann::json::parse(
        text.begin(), text.end(),
        [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
          return duplicates(depth, event, parsed);
        },
        true, comments == Comments::allowed);
  } catch (const nlohmann::json::exception& error) {
    std::string reason = error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    if (const auto end = reason.find("] "); end != std::string::npos) reason.erase(0, end + 2);
    throw InputError(source + ": not valid JSON: " + reason);
  } catch (const InputError& error) {
    throw InputError(source + ": " + error.what());
  }
}

void JsonReader::fail(const std::string& reason) const {
  throw InputError(source_ + ": " + (path_.empty() ? "document" : path_) + ": " + reason);
}

const JsonReader& JsonReader::object(const std::vector<std::string>& known) const {
  if (!value_.is_object()) fail("found " + shown(value_) + "; an object is needed");
  for (const auto& [key, ignored] : value_.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      fail("unknown key '" + key + "'" + suggestion(key, known));
    }
  }
  return *this;
}

JsonReader JsonReader::at(const std::string& key) const {
  if (!has(key)) fail("key '" + key + "' is missing");
  return {value_.at(key), source_, path_.empty() ? key : path_ + "." + key};
}

std::vector<JsonReader> JsonReader::items() const {
  if (!value_.is_array()) fail("found " + shown(value_) + "; an array is needed");
  std::vector<JsonReader> all;
  for (std::size_t i = 0; i < value_.size(); ++i) all.push_back({value_[i], source_, fmt::format("{}[{}]", path_, i)});
  return all;
}

int JsonReader::integer(int smallest, int largest) const {
  const std::string allowed = fmt::format("; allowed are whole numbers from {} to {}", smallest, largest);
  if (!value_.is_number_integer()) fail("found " + shown(value_) + allowed);
  if (value_.is_number_unsigned() && value_.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    fail("found " + shown(value_) + allowed);
  }
  const auto number = value_.get<std::int64_t>();
  if (number < smallest || number > largest) fail("found " + shown(value_) + allowed);
  return static_cast<int>(number);
}

int JsonReader::integer_or(const std::string& key, int fallback, int smallest, int largest) const {
  return has(key) ? integer(key, smallest, largest) : fallback;
}

bool JsonReader::boolean_or(const std::string& key, bool fallback) const {
  if (!has(key)) return fallback;
  if (!value_.at(key).is_boolean()) at(key).fail("found " + shown(value_.at(key)) + "; allowed: true, false");
  return value_.at(key).get<bool>();
}

std::string JsonReader::text() const {
  if (!value_.is_string()) fail("found " + shown(value_) + "; a text is needed");
  return value_.get<std::string>();
}

std::string JsonReader::label() const {
  const std::string found = text();
  for (const char c : found) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fail(fmt::format("found a control character (code {}); a text without line breaks and the like is needed",
                       static_cast<int>(c)));
    }
  }
  return found;
}

std::string JsonReader::text_or(const std::string& key, const std::string& fallback) const {
  return has(key) ? at(key).text() : fallback;
}

std::string JsonReader::one_of(const std::vector<std::string>& allowed) const {
  const std::string found = text();
  if (std::find(allowed.begin(), allowed.end(), found) == allowed.end()) {
    const std::string hint = suggestion(found, allowed);  // a name, or else the whole list
    const bool listed = hint.find("did you mean") == std::string::npos;
    fail("found '" + found + "'" + hint + (listed ? "" : fmt::format(" (allowed: {})", fmt::join(allowed, ", "))));
  }
  return found;
}

std::string JsonReader::one_of_or(const std::string& key, const std::string& fallback,
                                  const std::vector<std::string>& allowed) const {
  return has(key) ? at(key).one_of(allowed) : fallback;
}

}  // namespace search_space
