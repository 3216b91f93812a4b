// CIFAR-10's binary files: a batch whose size the first two bytes say, filled with the rest again and again, or, with
// 'n' in front, the file of names.
#include "evaluators/data/dataset.h"
#include "evaluators/data/loading.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr const char* names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";

std::string repeated(std::string_view text, std::size_t size) {
  std::string content;
  content.reserve(size + text.size());
  while (content.size() < size) content += text;
  content.resize(size);
  return content;
}

}  // namespace

void fuzz(std::string_view input) {
  [[maybe_unused]] static const bool written = [] {
    for (const char* name :
         {"data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"})
      fuzzing::write(name, std::string(3073, '\1'));
    return true;
  }();
  if (input.size() < 3) return;
  const bool is_names = input[0] == 'n';
  const auto size = static_cast<unsigned char>(input[0]) | std::size_t{static_cast<unsigned char>(input[1])} << 8;
  fuzzing::write("batches.meta.txt", is_names ? input.substr(1) : names);
  fuzzing::write("data_batch_1.bin", is_names ? std::string(3073, '\1') : repeated(input.substr(2), size));
  const auto data = evaluators::load_cifar10(evaluators::parse_data_spec("cifar10:" + fuzzing::folder()), 1);
  fuzzing::require(data.train.pixels.size() == data.train.size() * data.train.image_bytes(), "every image has pixels");
}
