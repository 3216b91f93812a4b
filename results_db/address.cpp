// Taking URLs apart.
#include "results_db/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <string_view>
#include <vector>

#include "search_space/errors.h"

namespace results_db {
namespace {

using search_space::InputError;

constexpr std::size_t longest_name = 48;  // PostgreSQL's identifiers have 63 bytes

[[noreturn]] void refuse_password() {
  throw InputError(
      "a password does not belong into a database URL, which is shown and stored; give it by the variable PGPASSWORD, "
      "~/.pgpass, or a service file (?service=NAME)");
}

void check_name(const std::string& name) {
  const bool fine =
      !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), [](unsigned char letter) {
        return (std::isalnum(letter) != 0 && letter < 128) || letter == '_' || letter == '-' || letter == '.';
      });
  if (fine) return;
  throw InputError(fmt::format("run={}: a run's name has 1 to {} letters, digits, '_', '-' and '.'",
                               search_space::printable(name), longest_name));
}

// "user:password@host": between "://" and the path.
bool names_password(std::string_view url) {
  std::string_view authority = url.substr(url.find("://") + 3);
  const std::size_t at = authority.rfind('@', authority.find('?'));
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

bool is_url(const std::string& run) {
  return run.rfind("postgresql://", 0) == 0 || run.rfind("postgres://", 0) == 0;
}

Address parse_address(const std::string& url) {
  if (!is_url(url))
    throw InputError(fmt::format("'{}' is no database URL; allowed is postgresql://USER@HOST/DATABASE?run=NAME",
                                 search_space::printable(url)));
  if (names_password(url)) refuse_password();
  Address address;
  const std::size_t query = url.find('?');
  address.server = url.substr(0, query);
  char separator = '?';
  for (std::size_t begin = query; begin != std::string::npos;) {
    const std::size_t end = url.find('&', begin + 1);
    const std::string item = url.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
    begin = end;
    const std::string key = item.substr(0, item.find('='));
    if (key == "password" || key == "sslpassword") refuse_password();
    if (key == "run") {
      address.run = item.size() > key.size() ? item.substr(key.size() + 1) : "";
      check_name(address.run);
    } else if (!item.empty()) {
      address.server += separator + item;
      separator = '&';
    }
  }
  return address;
}

Address parse_run_address(const std::string& url) {
  Address address = parse_address(url);
  if (address.run.empty())
    throw InputError(
        fmt::format("{0}: names no run; add {1}run=NAME ('synth list runs {2}' lists those that there are)", url,
                    url.find('?') == std::string::npos ? '?' : '&', url));
  return address;
}

std::string without_password(const std::string& word) {
  static const std::regex user(R"((postgres(?:ql)?://[^:/?@]*):[^?]*@)"), setting(R"(((?:ssl)?password=)[^&]*)");
  if (word.find("postgres") == std::string::npos) return word;
  return std::regex_replace(std::regex_replace(word, user, "$1:***@"), setting, "$1***");
}

std::string with_run(const std::string& url, const std::string& run) {
  const std::string server = parse_address(url).server;
  return server + (server.find('?') == std::string::npos ? '?' : '&') + "run=" + run;
}

std::string beside(const std::string& run, const std::string& suffix) {
  return is_url(run) ? "synth-run-" + parse_run_address(run).run + suffix : run + suffix;
}

std::size_t network_mark(const std::string& text) {
  const std::size_t mark = text.find_last_of("#@");
  if (mark == std::string::npos || !is_url(text)) return mark;
  const std::size_t query = text.find('?');
  return query != std::string::npos && mark > query ? mark : std::string::npos;
}

std::string as_word(const std::string& run) {
  static const std::string plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%";  // no shell reads more into these
  if (!is_url(run) && !run.empty() && run.find_first_not_of(plain) == std::string::npos) return run;
  std::string word = "'";
  for (const char letter : run) word += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return word + "'";
}

}  // namespace results_db
