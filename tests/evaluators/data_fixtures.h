// Small data sets that the tests of evaluators/data write for themselves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"

namespace data_fixtures {

using Bytes = std::vector<std::uint8_t>;

// A directory of its own, removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

void write_file(const std::string& path, const Bytes& bytes);
Bytes read_file(const std::string& path);
Bytes gzip(const Bytes& bytes);
Bytes idx_images(int count, int side);     // image i holds the bytes i, i + 1, ... (modulo 251)
Bytes idx_labels(int count, int classes);  // label i = i modulo classes
void write_idx(const std::string& directory, int train, int test, int classes, int side = 8);

// height x width x channels bytes; channels 1, 3 or 4 (inks, inverted where Adobe's marker says so).
Bytes jpeg(const Bytes& pixels, int height, int width, int channels, bool adobe = true);
// colour_type as PNG_COLOR_TYPE_*; samples are row-major, 16-bit ones big-endian; `palette` of RGB bytes for palette
// images.
Bytes png(const Bytes& samples, int height, int width, int colour_type, int bit_depth, const Bytes& palette = {});

// Message of the exception of type Error that `action` throws; "" if it throws none.
template <typename Error, typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

evaluators::DataSet load(const std::string& spec, std::uint64_t seed = 1);

}  // namespace data_fixtures
