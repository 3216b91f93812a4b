// What the targets share. A target defines fuzz(); a user's mistake (InputError, EnvironmentError) is the right answer
// to bad input, any other exception is a finding.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

void fuzz(std::string_view input);

namespace fuzzing {

// A folder in memory of this process's own, for readers that take paths.
const std::string& folder();  // ends with '/'
void write(const std::string& name, std::string_view content);

inline std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A law that the reader keeps for everything that it accepts.
inline void require(bool holds, const char* law) {
  if (!holds) throw std::logic_error(law);
}

}  // namespace fuzzing
