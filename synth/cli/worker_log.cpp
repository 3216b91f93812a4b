// Logs of workers.
#include "synth/cli/worker_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "results_db/address.h"
#include "search_space/errors.h"

namespace synth::cli {

namespace fs = std::filesystem;

fs::path make_log_folder(const std::string& run) {
  const fs::path folder = fs::absolute(results_db::beside(run, ".workers"));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw search_space::EnvironmentError(
        fmt::format("cannot make the folder of workers' logs '{}': {}", folder.string(), error.message()));
  return folder;
}

std::string newest_words(const fs::path& folder) {
  constexpr std::size_t most = 500;
  fs::path newest;
  fs::file_time_type latest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".log" || entry.file_size(ignored) == 0) continue;
    const auto written = entry.last_write_time(ignored);
    if (!newest.empty() && written < latest) continue;
    newest = entry.path();
    latest = written;
  }
  if (newest.empty()) return fmt::format("; their logs in '{}' are empty", folder.string());
  std::ifstream file(newest, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return fmt::format("; the last said: {}\ntheir logs are in '{}'",
                     search_space::printable(text.substr(text.size() - std::min(text.size(), most))), folder.string());
}

}  // namespace synth::cli
