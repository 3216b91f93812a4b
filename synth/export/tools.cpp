// Starting tools and handing them files.
#include "synth/export/tools.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "evaluators/child_process.h"
#include "search_space/errors.h"

namespace synth {

using search_space::EnvironmentError;

namespace {
constexpr std::chrono::minutes longest_run{20};
}

WorkFolder::WorkFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "synth-export-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw EnvironmentError(fmt::format("cannot make a folder '{}': {}", pattern, std::strerror(errno)));
  path_ = pattern;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool has_tool(const std::string& name) {
  try {
    evaluators::executable_path(name);
    return true;
  } catch (const EnvironmentError&) {
    return false;
  }
}

std::string run_tool(const std::vector<std::string>& words) {
  evaluators::ChildProcess process(words, "/dev/null");
  const auto end = process.read(/*one_line=*/false, std::chrono::steady_clock::now() + longest_run, nullptr);
  if (end == evaluators::ReadEnd::timed_out)
    return fmt::format("{}: has not ended after {} minutes", words.front(), longest_run.count());
  if (process.exited_well()) return {};
  return fmt::format("{}: {}", words.front(), process.last_words());
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw EnvironmentError("cannot write '" + path + "'");
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw EnvironmentError("cannot read '" + path + "'");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace synth
