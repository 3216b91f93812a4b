// Files that are there whole or not at all.
#pragma once

#include <string>
#include <vector>

namespace synth {

struct ExportFile;

// Writes through a temporary file in the same folder, flushed and renamed: at any moment there is either the old file,
// none, or the whole new one. Without `overwrite` an existing file is an InputError, even one that appears meanwhile.
// EnvironmentError: missing folder, no permission, full disk.
void write_file(const std::string& path, const std::string& bytes, bool overwrite);

// All of them are written before the first takes its name; none stays where one fails.
void write_files(const std::vector<ExportFile>& files, bool overwrite);

}  // namespace synth
