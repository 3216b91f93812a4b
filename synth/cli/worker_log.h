// What workers that a search started say, kept in files.
#pragma once

#include <filesystem>
#include <string>

namespace synth::cli {

// `synth-run-NAME.workers` in the current folder, absolute. EnvironmentError where it cannot be made.
std::filesystem::path make_log_folder(const std::string& run);
// ": the last one said: ...; logs are in FOLDER", from the file that was written last.
std::string newest_words(const std::filesystem::path& folder);

}  // namespace synth::cli
