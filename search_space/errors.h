// The two kinds of failure a user can cause or cure; everything else is a bug.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace search_space {

// Malformed input or usage (exit code 2). The message names the place, what was found, what is allowed.
class InputError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Missing or corrupt data, no space, a locked or too new database (exit code 4).
class EnvironmentError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A name from outside, as it may be shown: control characters and invalid UTF-8 as \xNN, so that no terminal obeys it.
std::string printable(std::string_view text);

// "; did you mean 'X'?" for the nearest of `known` by edit distance, or "; known: a, b, c" if none is near.
std::string suggestion(std::string_view found, const std::vector<std::string>& known);

}  // namespace search_space
