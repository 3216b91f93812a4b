// Zip archives in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace synth {

struct ExportFile;

// Equal files give equal bytes: no times, owners or system are stored.
std::string zip_archive(const std::vector<ExportFile>& files);

// What an archive may hold; more is refused before it is unpacked.
struct ArchiveLimits {
  int files = 1000;
  std::int64_t bytes = std::int64_t{1} << 30;  // unpacked, in all
};

// Its regular files, unpacked; folders are passed over. InputError naming the archive and the entry: no zip archive or
// a damaged or truncated one, paths that are absolute, lead out of it or hold characters that differ between systems,
// links and other special files, names that occur twice, encryption, more than `limits` allow. EnvironmentError: cannot
// be read.
std::vector<ExportFile> read_zip_archive(const std::string& path, const ArchiveLimits& limits = {});

}  // namespace synth
