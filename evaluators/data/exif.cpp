// The first directory of the TIFF data that EXIF is.
#include "evaluators/data/exif.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace evaluators {
namespace {

// Numbers of a TIFF file in its own byte order; 0 beyond its end.
class Tiff {
 public:
  Tiff(const std::uint8_t* data, std::size_t bytes) : data_(data), bytes_(bytes) {
    little_ = bytes >= 2 && data[0] == 'I' && data[1] == 'I';
  }
  std::uint32_t number(std::size_t at, int width) const {
    std::uint32_t value = 0;
    for (int i = 0; i < width; ++i) {
      const std::size_t byte = at + static_cast<std::size_t>(little_ ? width - 1 - i : i);
      value = value << 8 | (byte < bytes_ ? data_[byte] : 0u);
    }
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t bytes_;
  bool little_ = false;
};

}  // namespace

int exif_orientation(const std::uint8_t* segment, std::size_t bytes) {
  constexpr std::size_t header = 6, entry_bytes = 12;
  constexpr std::uint32_t orientation_tag = 0x0112, short_type = 3, tiff = 42;
  if (bytes < header || std::memcmp(segment, "Exif\0", header) != 0) return 1;
  const Tiff data(segment + header, bytes - header);
  if (data.number(2, 2) != tiff) return 1;
  const std::size_t directory = data.number(4, 4);
  const std::uint32_t entries = data.number(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + entry_bytes * i;
    if (entry + entry_bytes > bytes) return 1;
    if (data.number(entry, 2) != orientation_tag || data.number(entry + 2, 2) != short_type) continue;
    const std::uint32_t orientation = data.number(entry + 8, 2);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

void set_upright(DecodedImage& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return;
  const int height = image.height, width = image.width;
  const bool turned = orientation >= 5;
  // The stored image is read backwards along an axis of the upright one, or of itself once it is turned.
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  DecodedImage upright{turned ? width : height, turned ? height : width, {}};
  upright.pixels.resize(image.pixels.size());
  std::uint8_t* to = upright.pixels.data();
  for (int y = 0; y < upright.height; ++y)
    for (int x = 0; x < upright.width; ++x, to += 3) {
      const int along_rows = turned ? x : y, along_columns = turned ? y : x;
      const int row = from_bottom ? height - 1 - along_rows : along_rows;
      const int column = from_right ? width - 1 - along_columns : along_columns;
      std::copy_n(image.pixels.data() + 3 * (std::size_t(row) * width + column), 3, to);
    }
  image = std::move(upright);
}

}  // namespace evaluators
