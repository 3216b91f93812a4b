// Files of an image folder: every format that is read, full size and reduced.
#include "evaluators/data/image_codec.h"
#include "tests/fuzz/fuzz.h"

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const auto content = fuzzing::bytes(input.substr(1));
  const int least = static_cast<unsigned char>(input[0]) % 32;
  const auto image = evaluators::decode_image("input", {content.begin(), content.end()}, least);
  fuzzing::require(image.pixels.size() == std::size_t{3} * image.height * image.width && !image.pixels.empty(),
                   "an image has three bytes a pixel");
}
