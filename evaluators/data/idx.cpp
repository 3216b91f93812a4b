// MNIST-format files (http://yann.lecun.com/exdb/mnist): big-endian header, then bytes; plain or gzip.
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;
using search_space::printable;
namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t images_magic = 0x00000803;  // unsigned bytes, three dimensions
constexpr std::uint32_t labels_magic = 0x00000801;  // unsigned bytes, one dimension
constexpr std::uint32_t largest_side = 4096;

// Reads a file that may be compressed; offsets are into its uncompressed content.
class Reader {
 public:
  Reader(const fs::path& directory, const std::string& name) {
    path_ = directory / name;
    if (!fs::exists(path_)) path_ += ".gz";
    if (!fs::exists(path_))
      throw EnvironmentError(printable((directory / name).string()) +
                             ": no such file, nor with .gz; an idx directory holds "
                             "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
                             "t10k-labels-idx1-ubyte, plain or .gz");
    require_regular_file(path_);
    file_.reset(gzopen(path_.c_str(), "rb"));
    if (!file_) throw EnvironmentError(printable(path_.string()) + ": cannot be opened for reading");
    gzbuffer(file_.get(), 1 << 18);
  }

  std::uint32_t number(const std::string& meaning) {
    std::uint8_t bytes[4];
    read(bytes, 4, meaning);
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
  }

  void expect_magic(std::uint32_t expected) {
    const std::uint32_t found = number("the magic number");
    if (found != expected) fail(0, "the magic number is " + hexadecimal(found) + ", expected " + hexadecimal(expected));
  }

  // Reads exactly the `count` bytes that the header announces and that end the file.
  std::vector<std::uint8_t> rest(std::size_t count, const std::string& meaning) {
    require_plausible(count, meaning);
    std::vector<std::uint8_t> bytes(count);
    read(bytes.data(), count, meaning);
    std::uint8_t beyond = 0;
    if (read_some(&beyond, 1) != 0)
      fail(offset_ - 1, "the file goes on after the " + std::to_string(count) + " bytes of " + meaning);
    return bytes;
  }

  [[noreturn]] void fail(std::size_t offset, const std::string& what) const {
    throw EnvironmentError(printable(path_.string()) + ": byte " + std::to_string(offset) + ": " + what);
  }

 private:
  static std::string hexadecimal(std::uint32_t number) {
    std::string digits = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[number >> shift & 15];
    return digits;
  }

  // Before allocating: a corrupt count must not ask for more memory than any such file could fill.
  void require_plausible(std::size_t count, const std::string& meaning) const {
    constexpr std::size_t best_compression = 1032;  // of deflate
    const std::size_t on_disk = fs::file_size(path_);
    const std::size_t most = gzdirect(file_.get()) ? on_disk : on_disk * best_compression;
    if (offset_ + count > most)
      fail(offset_, "the header announces " + std::to_string(count) + " bytes of " + meaning +
                        ", but the file has only " + std::to_string(on_disk) +
                        (gzdirect(file_.get()) ? "" : " (compressed)"));
  }

  std::size_t read_some(std::uint8_t* target, std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
      const auto chunk = static_cast<unsigned>(std::min<std::size_t>(count - done, 1 << 26));
      const int got = gzread(file_.get(), target + done, chunk);
      if (got < 0) {
        int code = 0;
        fail(offset_ + done, std::string("corrupt compressed data: ") + gzerror(file_.get(), &code));
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    offset_ += done;
    return done;
  }

  void read(std::uint8_t* target, std::size_t count, const std::string& meaning) {
    const std::size_t start = offset_;
    const std::size_t done = read_some(target, count);
    if (done != count)
      fail(start + done, "the file ends within " + meaning + ": expected " + std::to_string(count) +
                             " bytes from byte " + std::to_string(start) + " on, found " + std::to_string(done));
  }

  fs::path path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_{nullptr, gzclose};
  std::size_t offset_ = 0;
};

ImageSet read_part(const fs::path& directory, const std::string& part) {
  Reader reader(directory, part + "-images-idx3-ubyte");
  reader.expect_magic(images_magic);
  const std::uint32_t count = reader.number("the number of images");
  const std::uint32_t height = reader.number("the number of rows");
  const std::uint32_t width = reader.number("the number of columns");
  if (count == 0 || count > 100'000'000) reader.fail(4, std::to_string(count) + " images; allowed: 1 to 100000000");
  if (height == 0 || height > largest_side || width == 0 || width > largest_side)
    reader.fail(8, "images of " + std::to_string(height) + "x" + std::to_string(width) + "; allowed: 1 to 4096 a side");
  ImageSet images;
  images.channels = 1;
  images.height = static_cast<int>(height);
  images.width = static_cast<int>(width);
  images.pixels = reader.rest(std::size_t{count} * height * width, "images");

  Reader label_reader(directory, part + "-labels-idx1-ubyte");
  label_reader.expect_magic(labels_magic);
  const std::uint32_t label_count = label_reader.number("the number of labels");
  if (label_count != count)
    label_reader.fail(
        4, std::to_string(label_count) + " labels, but the images file has " + std::to_string(count) + " images");
  const auto labels = label_reader.rest(label_count, "labels");
  images.labels.assign(labels.begin(), labels.end());
  return images;
}

// From class_names.txt, one per line, if there is one; else "0", "1", ...
std::vector<std::string> read_class_names(const fs::path& directory, int classes) {
  std::vector<std::string> names;
  require_regular_file(directory / "class_names.txt");
  std::ifstream file(directory / "class_names.txt");
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.empty())
    for (int c = 0; c < classes; ++c) names.push_back(std::to_string(c));
  if (static_cast<int>(names.size()) != classes)
    throw EnvironmentError(printable((directory / "class_names.txt").string()) + ": " + std::to_string(names.size()) +
                           " names, but the training labels have " + std::to_string(classes) + " classes");
  return names;
}

}  // namespace

LoadedData load_idx(const DataSpec& spec, std::uint64_t seed) {
  const fs::path directory = spec.directory;
  require_directory(directory, spec);
  LoadedData data;
  data.train = read_part(directory, "train");
  data.test = read_part(directory, "t10k");
  if (data.train.height != data.test.height || data.train.width != data.test.width)
    throw EnvironmentError(printable((directory / "t10k-images-idx3-ubyte").string()) + ": test images are " +
                           std::to_string(data.test.height) + "x" + std::to_string(data.test.width) +
                           ", training images " + std::to_string(data.train.height) + "x" +
                           std::to_string(data.train.width));
  const int classes = 1 + *std::max_element(data.train.labels.begin(), data.train.labels.end());
  data.class_names = read_class_names(directory, classes);
  for (std::size_t i = 0; i < data.test.labels.size(); ++i)
    if (data.test.labels[i] >= classes)
      throw EnvironmentError(printable((directory / "t10k-labels-idx1-ubyte").string()) + ": byte " +
                             std::to_string(8 + i) + ": label " + std::to_string(data.test.labels[i]) +
                             ", but the training labels end at " + std::to_string(classes - 1));
  apply_limits(data, spec, seed);
  if (spec.size != 0) {
    resize_and_crop(data.train, spec.size);
    resize_and_crop(data.test, spec.size);
  }
  // No flip by default: whether the classes survive it (clothes do, digits do not) is not to be read from the files.
  data.augmentation = {.flip = false, .shift = std::max(1, data.train.height / 14)};
  return data;
}

}  // namespace evaluators
