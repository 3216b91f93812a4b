// MNIST-format files, plain or gzip; the first byte says which of the four the rest is, the others are sound.
#include <array>
#include <filesystem>

#include "evaluators/data/dataset.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr int count = 10, side = 2;
constexpr std::array<const char*, 4> names = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                              "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

std::string sound(std::size_t file) {
  std::string content(4 - 1, '\0');
  const bool images = file % 2 == 0;
  content += images ? '\3' : '\1';
  content[2] = 8;
  for (const int number : images ? std::initializer_list<int>{count, side, side} : std::initializer_list<int>{count})
    content += std::string(3, '\0') + static_cast<char>(number);
  for (int i = 0; i < (images ? count * side * side : count); ++i) content += static_cast<char>(i % 2);
  return content;
}

}  // namespace

void fuzz(std::string_view input) {
  [[maybe_unused]] static const bool written = [] {
    for (std::size_t file = 0; file < names.size(); ++file) fuzzing::write(names[file], sound(file));
    return true;
  }();
  if (input.empty()) return;
  const std::size_t file = static_cast<unsigned char>(input[0]) % names.size();
  fuzzing::write(names[file], input.substr(1));
  struct Restored {
    std::size_t file;
    ~Restored() { fuzzing::write(names[file], sound(file)); }
  } const restored{file};
  const auto data = evaluators::load_data(evaluators::parse_data_spec("idx:" + fuzzing::folder()), 1);
  fuzzing::require(data.train.pixels.size() == data.train.size() * data.train.image_bytes(), "every image has pixels");
}
