// Bytes in, normalised tensors out: table look-ups per channel, with flips and shifts on the way.
#include "evaluators/batches.h"

#include <ATen/ATen.h>

#include <cstdlib>
#include <numeric>
#include <string_view>

#include "evaluators/training.h"

namespace evaluators {

namespace {

// value[channel * 256 + byte]: the normalised pixel.
std::vector<float> normalisation(const DataSet& data, int channels) {
  std::vector<float> table(std::size_t(channels) * 256);
  for (int c = 0; c < channels; ++c)
    for (int byte = 0; byte < 256; ++byte)
      table[c * 256 + byte] = (static_cast<float>(byte) / 255.0f - data.mean[c]) / data.deviation[c];
  return table;
}

// How one image is placed: source pixel of (row, column) is (row + down, flip ? width - 1 - column : column + right).
struct Placement {
  int down = 0, right = 0;
  bool flip = false;
};

void place_image(const ImageSet& images, int index, const Placement& placement, const std::vector<float>& table,
                 float* out) {
  const int height = images.height, width = images.width, channels = images.channels;
  const std::uint8_t* pixels = images.image(index);
  for (int row = 0; row < height; ++row) {
    const int from_row = row + placement.down;
    for (int column = 0; column < width; ++column) {
      const int from = (placement.flip ? width - 1 - column : column) + placement.right;
      const bool inside = from_row >= 0 && from_row < height && from >= 0 && from < width;
      const std::uint8_t* pixel = pixels + (std::size_t(from_row) * width + from) * channels;
      for (int c = 0; c < channels; ++c) *out++ = table[c * 256 + (inside ? pixel[c] : 0)];
    }
  }
}

torch::Tensor empty_batch(const ImageSet& images, int count) {
  return at::empty({count, images.channels, images.height, images.width},
                   at::TensorOptions(torch::kFloat32).memory_format(at::MemoryFormat::ChannelsLast));
}

}  // namespace

namespace {

// Whether the environment keeps oneDNN from bfloat16: LibTorch would compute it, many times slower than float32.
bool library_limited() {
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (limit == nullptr) limit = std::getenv("DNNL_MAX_CPU_ISA");
  if (limit == nullptr) return false;
  const std::string_view level = limit;
  return level != "ALL" && level != "DEFAULT" && level.find("BF16") == level.npos && level.find("AMX") == level.npos;
}

}  // namespace

bool cpu_has_bf16() {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool result = __builtin_cpu_supports("avx512bf16") && !library_limited();
  return result;
#else
  return false;
#endif
}

BatchStream::BatchStream(const DataSet& data, int batch_size, bool augment, std::uint64_t seed)
    : data_(data), batch_size_(batch_size), augment_(augment), random_(seed), order_(data.train.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  position_ = order_.size();
}

int BatchStream::next_index() {
  if (position_ == order_.size()) {
    random_.shuffle(order_);
    position_ = 0;
  }
  return order_[position_++];
}

std::pair<torch::Tensor, torch::Tensor> BatchStream::next(torch::ScalarType type, torch::Device device) {
  const ImageSet& images = data_.train;
  const auto table = normalisation(data_, images.channels);
  torch::Tensor batch = empty_batch(images, batch_size_);
  torch::Tensor labels = at::empty({batch_size_}, torch::kInt64);
  for (int i = 0; i < batch_size_; ++i) {
    const int index = next_index();
    Placement placement;
    if (augment_ && data_.augmentation.flip) placement.flip = random_.below(2) == 1;
    if (const int shift = augment_ ? data_.augmentation.shift : 0; shift > 0) {
      placement.down = random_.below(2 * shift + 1) - shift;
      placement.right = random_.below(2 * shift + 1) - shift;
    }
    place_image(images, index, placement, table, batch.data_ptr<float>() + i * images.image_bytes());
    labels.data_ptr<std::int64_t>()[i] = images.labels[index];
  }
  return {batch.to(device, type), labels.to(device)};
}

torch::Tensor to_batch(const ImageSet& images, int first, int count, const DataSet& data, torch::Device device) {
  const auto table = normalisation(data, images.channels);
  torch::Tensor batch = empty_batch(images, count);
  for (int i = 0; i < count; ++i)
    place_image(images, first + i, {}, table, batch.data_ptr<float>() + i * images.image_bytes());
  return batch.to(device);
}

}  // namespace evaluators
