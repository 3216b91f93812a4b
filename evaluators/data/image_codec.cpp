// Which reader an image file is for.
#include "evaluators/data/image_codec.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "evaluators/data/image_formats.h"
#include "search_space/errors.h"

namespace evaluators {

namespace {

constexpr std::uint64_t largest_side = 16384, most_pixels = std::uint64_t{1} << 27;

}  // namespace

void fail_to_read(const std::string& path, const std::string& what) {
  throw search_space::EnvironmentError(search_space::printable(path) + ": " + what);
}

std::string size_problem(std::uint64_t width, std::uint64_t height) {
  if (width > 0 && height > 0 && width <= largest_side && height <= largest_side && width * height <= most_pixels)
    return {};
  return "the image is " + std::to_string(width) + "x" + std::to_string(height) + "; allowed: 1 to " +
         std::to_string(largest_side) + " a side and " + std::to_string(most_pixels / 1'000'000) + " million pixels";
}

ImageBytes read_bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail_to_read(path, "cannot be opened for reading");
  ImageBytes bytes(static_cast<std::size_t>(std::max<std::streamoff>(0, file.tellg())));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::size_t>(file.gcount()) != bytes.size())
    fail_to_read(path, "byte " + std::to_string(file.gcount()) + ": reading failed; expected " +
                           std::to_string(bytes.size()) + " bytes");
  return bytes;
}

void lay_over_white(const std::uint8_t* pixels, DecodedImage& image) {
  const std::size_t count = std::size_t(image.height) * image.width;
  image.pixels.resize(3 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const int opacity = pixels[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c)
      image.pixels[3 * i + c] = static_cast<std::uint8_t>((pixels[4 * i + c] * opacity + 255 * (255 - opacity)) / 255);
  }
}

DecodedImage read_image(const std::string& path, int least) {
  return decode_image(path, read_bytes_of(path), least);
}

DecodedImage decode_image(const std::string& path, const ImageBytes& bytes, int least) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 12));
  if (start.starts_with("\x89PNG")) return read_png(path, bytes);
  if (start.starts_with("\xff\xd8")) return read_jpeg(path, bytes, least);
  if (start.starts_with("RIFF") && start.ends_with("WEBP")) return read_webp(path, bytes);
  if (start.starts_with("BM")) return read_bmp(path, bytes);
  if (start.starts_with("GIF8")) return read_gif(path, bytes);
  fail_to_read(path, "none of JPEG, PNG, WebP, BMP and GIF: it starts with no such signature (" +
                         std::to_string(bytes.size()) + " bytes)");
}

}  // namespace evaluators
