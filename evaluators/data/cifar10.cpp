// CIFAR-10, binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte and three planes.
#include <filesystem>
#include <fstream>

#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;
using search_space::printable;
namespace fs = std::filesystem;

namespace {

constexpr int side = 32;
constexpr std::size_t plane = std::size_t{side} * side;
constexpr std::size_t record = 1 + 3 * plane;  // bytes
constexpr int class_count = 10;

std::vector<std::uint8_t> read_file(const fs::path& path) {
  require_regular_file(path);
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw EnvironmentError(printable(path.string()) +
                           ": cannot be read; a cifar10 directory holds data_batch_1.bin to "
                           "data_batch_5.bin, test_batch.bin and batches.meta.txt");
  std::vector<std::uint8_t> bytes(fs::file_size(path));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::size_t>(file.gcount()) != bytes.size())
    throw EnvironmentError(printable(path.string()) + ": byte " + std::to_string(file.gcount()) +
                           ": reading failed; expected " + std::to_string(bytes.size()) + " bytes");
  return bytes;
}

// One of `batches` files of a part, which are about as large as each other.
void append_batch(const fs::path& path, int batches, ImageSet& images) {
  const auto bytes = read_file(path);
  if (bytes.empty() || bytes.size() % record != 0)
    throw EnvironmentError(printable(path.string()) + ": byte " + std::to_string(bytes.size() / record * record) +
                           ": the file has " + std::to_string(bytes.size()) +
                           " bytes; expected a positive multiple of " + std::to_string(record) +
                           " (one label and 3x32x32 bytes an image)");
  const std::size_t count = bytes.size() / record;
  if (images.pixels.empty()) images.pixels.reserve(batches * count * 3 * plane);
  std::size_t target = images.pixels.size();
  images.pixels.resize(target + count * 3 * plane);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* source = bytes.data() + i * record;
    if (*source >= class_count)
      throw EnvironmentError(printable(path.string()) + ": byte " + std::to_string(i * record) + ": label " +
                             std::to_string(*source) + "; allowed: 0 to 9");
    images.labels.push_back(*source++);
    for (std::size_t p = 0; p < plane; ++p)
      for (std::size_t c = 0; c < 3; ++c) images.pixels[target++] = source[c * plane + p];
  }
}

std::vector<std::string> read_class_names(const fs::path& path) {
  require_regular_file(path);
  std::vector<std::string> names;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.size() != class_count)
    throw EnvironmentError(printable(path.string()) + ": " + std::to_string(names.size()) +
                           " class names; expected 10, one a line");
  return names;
}

}  // namespace

LoadedData load_cifar10(const DataSpec& spec, std::uint64_t seed) {
  const fs::path directory = spec.directory;
  require_directory(directory, spec);
  LoadedData data;
  for (ImageSet* images : {&data.train, &data.test}) {
    images->channels = 3;
    images->height = images->width = side;
  }
  constexpr int batches = 5;
  for (int batch = 1; batch <= batches; ++batch)
    append_batch(directory / ("data_batch_" + std::to_string(batch) + ".bin"), batches, data.train);
  append_batch(directory / "test_batch.bin", 1, data.test);
  data.class_names = read_class_names(directory / "batches.meta.txt");
  apply_limits(data, spec, seed);
  if (spec.size != 0) {
    resize_and_crop(data.train, spec.size);
    resize_and_crop(data.test, spec.size);
  }
  data.augmentation = {.flip = true, .shift = data.train.height / 8};
  return data;
}

}  // namespace evaluators
