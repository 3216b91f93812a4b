// Resizing with antialiasing, and centre crop.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "evaluators/data/loading.h"

namespace evaluators {

namespace {

// Weights of the source pixels from `first` on that make one target pixel.
struct Tap {
  int first = 0;
  std::vector<float> weights;
};

// Triangle filter along one axis: `length` pixels become `scaled`, of which the central `size` are wanted.
std::vector<Tap> taps(int length, int scaled, int size) {
  const double scale = static_cast<double>(length) / scaled;
  const double support = std::max(1.0, scale);
  const int skipped = (scaled - size) / 2;
  std::vector<Tap> result(size);
  for (int i = 0; i < size; ++i) {
    const double centre = (i + skipped + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(std::floor(centre - support)));
    const int last = std::min(length, static_cast<int>(std::ceil(centre + support)));
    Tap& tap = result[i];
    tap.first = first;
    double sum = 0;
    for (int j = first; j < last; ++j) {
      const double weight = std::max(0.0, 1 - std::abs(j + 0.5 - centre) / support);
      tap.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& weight : tap.weights) weight = static_cast<float>(weight / sum);
  }
  return result;
}

int scaled_length(int length, int shorter, int size) {
  return std::max(size, static_cast<int>(std::lround(static_cast<double>(length) * size / shorter)));
}

}  // namespace

namespace {

void resample(const std::uint8_t* pixels, int channels, int width, const std::vector<Tap>& rows,
              const std::vector<Tap>& columns, std::uint8_t* out) {
  const int out_width = static_cast<int>(columns.size());
  const int first_row = rows.front().first;
  const int last_row = rows.back().first + static_cast<int>(rows.back().weights.size());
  const std::size_t stride = columns.size() * channels;
  std::vector<float> narrowed((last_row - first_row) * stride, 0.0F);  // the rows needed, already as wide as `out`
  for (int y = first_row; y < last_row; ++y) {
    for (int x = 0; x < out_width; ++x) {
      float* target = &narrowed[(y - first_row) * stride + std::size_t(x) * channels];
      const std::uint8_t* source = pixels + (std::size_t(y) * width + columns[x].first) * channels;
      for (float weight : columns[x].weights)
        for (int c = 0; c < channels; ++c) target[c] += weight * *source++;
    }
  }
  std::vector<float> line(stride);
  for (const Tap& row : rows) {
    std::fill(line.begin(), line.end(), 0.5F);  // rounds to nearest
    const float* source = &narrowed[(row.first - first_row) * stride];
    for (float weight : row.weights)
      for (std::size_t i = 0; i < stride; ++i) line[i] += weight * *source++;
    for (std::size_t i = 0; i < stride; ++i) *out++ = static_cast<std::uint8_t>(std::clamp(line[i], 0.0F, 255.0F));
  }
}

}  // namespace

void resize_and_crop(const std::uint8_t* pixels, int channels, int height, int width, int size, std::uint8_t* out) {
  const int shorter = std::min(height, width);
  resample(pixels, channels, width, taps(height, scaled_length(height, shorter, size), size),
           taps(width, scaled_length(width, shorter, size), size), out);
}

void resize(const std::uint8_t* pixels, int channels, int height, int width, int out_height, int out_width,
            std::uint8_t* out) {
  resample(pixels, channels, width, taps(height, out_height, out_height), taps(width, out_width, out_width), out);
}

void resize_and_crop(ImageSet& images, int size) {
  if (images.height == size && images.width == size) return;
  const std::size_t bytes = std::size_t(size) * size * images.channels;
  std::vector<std::uint8_t> pixels(bytes * images.size());
  tbb::parallel_for(0, images.size(), [&](int i) {
    resize_and_crop(images.image(i), images.channels, images.height, images.width, size, pixels.data() + i * bytes);
  });
  images.pixels = std::move(pixels);
  images.height = images.width = size;
}

}  // namespace evaluators
