// libpng's simplified interface.
#include "evaluators/data/png_writer.h"

#include <png.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace evaluators {
namespace {

// Mean of a block of pixels, one channel.
std::uint8_t mean_of(const ImageSet& images, const std::uint8_t* image, int row, int column, int block, int channel) {
  int sum = 0, count = 0;
  for (int y = row * block; y < std::min((row + 1) * block, images.height); ++y) {
    for (int x = column * block; x < std::min((column + 1) * block, images.width); ++x) {
      sum += image[(static_cast<std::size_t>(y) * images.width + x) * images.channels + channel];
      ++count;
    }
  }
  return static_cast<std::uint8_t>((sum + count / 2) / std::max(1, count));
}

std::string written(const std::uint8_t* pixels, int height, int width, int channels) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(width);
  png.height = static_cast<png_uint_32>(height);
  png.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string file(bytes, '\0');
  if (png_image_write_to_memory(&png, file.data(), &bytes, 0, pixels, 0, nullptr) == 0) {
    throw std::runtime_error(std::string("libpng cannot write an image: ") + png.message);
  }
  file.resize(bytes);
  return file;
}

}  // namespace

std::string png_strip(const ImageSet& images, const std::vector<int>& indices, int side) {
  if (indices.empty() || images.height < 1 || images.width < 1) return {};
  const int block = (std::max(images.height, images.width) + side - 1) / side;
  const int height = (images.height + block - 1) / block, width = (images.width + block - 1) / block;
  const int channels = images.channels == 3 ? 3 : 1;
  const std::size_t row_bytes = indices.size() * width * channels;
  std::vector<std::uint8_t> pixels(row_bytes * height);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::uint8_t* image = images.image(indices[i]);
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        for (int channel = 0; channel < channels; ++channel) {
          pixels[row * row_bytes + (i * width + column) * channels + channel] =
              mean_of(images, image, row, column, block, channel);
        }
      }
    }
  }
  return written(pixels.data(), height, static_cast<int>(indices.size()) * width, channels);
}

std::string png_of(const std::uint8_t* pixels, int height, int width) {
  return written(pixels, height, width, 3);
}

}  // namespace evaluators
