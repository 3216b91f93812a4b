// Through a shell and a pipe.
#include "synth/cli/own_output.h"

#include <array>
#include <cstdio>
#include <filesystem>

#include "search_space/errors.h"

namespace synth::cli {

namespace {

std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char letter : text) word += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return word + "'";
}

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw search_space::EnvironmentError("cannot start a process to ask a command for its options");
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    text.append(buffer.data(), size);
  ::pclose(pipe);
  return text;
}

}  // namespace

std::string output_of_synth(const std::vector<std::string>& words) {
  std::string command = quoted(std::filesystem::read_symlink("/proc/self/exe").string());
  for (const std::string& word : words) command += " " + quoted(word);
  return output_of(command + " 2>/dev/null");
}

}  // namespace synth::cli
