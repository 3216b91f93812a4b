// PNG, through libpng's simplified interface.
#include <png.h>

#include "evaluators/data/image_formats.h"

namespace evaluators {

namespace {

// Of the smallest file with so many pixels: deflate makes at most 1032 bytes of one. The head has been read, so that
// bit depth (byte 24) and colour type (byte 25) are there.
std::uint64_t least_bytes(const ImageBytes& bytes, std::uint64_t width, std::uint64_t height) {
  if (bytes.size() < 26) return 0;
  constexpr std::uint64_t channels[] = {1, 1, 3, 1, 2, 1, 4, 1};
  const std::uint64_t row = 1 + (width * bytes[24] * channels[bytes[25] & 7] + 7) / 8;
  return row * height / 1032;
}

}  // namespace

DecodedImage read_png(const std::string& path, const ImageBytes& bytes) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0)
    fail_to_read(path, std::string("corrupt PNG: ") + png.message);
  std::string problem = size_problem(png.width, png.height);
  if (problem.empty() && least_bytes(bytes, png.width, png.height) > bytes.size())
    problem = "corrupt PNG: " + std::to_string(bytes.size()) + " bytes cannot hold " + std::to_string(png.width) + "x" +
              std::to_string(png.height) + " pixels";
  if (!problem.empty()) {
    png_image_free(&png);
    fail_to_read(path, problem);
  }
  png.format = PNG_FORMAT_RGB;             // palettes and grey expanded, 16 bits reduced
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16-bit files without a gamma chunk are not linear light
  DecodedImage image;
  image.width = static_cast<int>(png.width);
  image.height = static_cast<int>(png.height);
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  const png_color white = {255, 255, 255};
  const bool complete = png_image_finish_read(&png, &white, image.pixels.data(), 0, nullptr) != 0;
  const std::string message = png.message;
  png_image_free(&png);
  if (!complete) fail_to_read(path, "corrupt PNG (" + std::to_string(bytes.size()) + " bytes): " + message);
  return image;
}

}  // namespace evaluators
