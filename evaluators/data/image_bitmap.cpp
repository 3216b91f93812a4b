// BMP and GIF, through stb_image.
#include <limits>
#include <memory>

#include "evaluators/data/image_formats.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#include <stb/stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace evaluators {

namespace {

DecodedImage read(const std::string& path, const ImageBytes& bytes, const std::string& format) {
  const std::string corrupt = "corrupt or unusual " + format + " (" + std::to_string(bytes.size()) + " bytes): ";
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    fail_to_read(path, corrupt + "too large");
  const int size = static_cast<int>(bytes.size());
  DecodedImage image;
  int channels = 0;
  if (stbi_info_from_memory(bytes.data(), size, &image.width, &image.height, &channels) == 0)
    fail_to_read(path, corrupt + stbi_failure_reason());
  if (const std::string problem = size_problem(image.width, image.height); !problem.empty())
    fail_to_read(path, problem);
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(bytes.data(), size, &image.width, &image.height, &channels, 4), stbi_image_free);
  if (!pixels) fail_to_read(path, corrupt + stbi_failure_reason());
  lay_over_white(pixels.get(), image);
  return image;
}

}  // namespace

DecodedImage read_bmp(const std::string& path, const ImageBytes& bytes) {
  return read(path, bytes, "BMP");
}

DecodedImage read_gif(const std::string& path, const ImageBytes& bytes) {
  return read(path, bytes, "GIF");
}

}  // namespace evaluators
