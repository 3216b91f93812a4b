// WebP, through libwebp.
#include <webp/decode.h>

#include "evaluators/data/image_formats.h"

namespace evaluators {

DecodedImage read_webp(const std::string& path, const ImageBytes& bytes) {
  WebPBitstreamFeatures head{};
  if (WebPGetFeatures(bytes.data(), bytes.size(), &head) != VP8_STATUS_OK)
    fail_to_read(path, "corrupt WebP (" + std::to_string(bytes.size()) + " bytes): its head cannot be read");
  if (head.has_animation != 0) fail_to_read(path, "an animated WebP; only still pictures are read");
  DecodedImage image;
  image.width = head.width;
  image.height = head.height;
  if (const std::string problem = size_problem(image.width, image.height); !problem.empty())
    fail_to_read(path, problem);
  ImageBytes pixels(std::size_t{4} * image.width * image.height);
  if (WebPDecodeRGBAInto(bytes.data(), bytes.size(), pixels.data(), pixels.size(), 4 * image.width) == nullptr)
    fail_to_read(path, "corrupt WebP (" + std::to_string(bytes.size()) + " bytes)");
  lay_over_white(pixels.data(), image);
  return image;
}

}  // namespace evaluators
