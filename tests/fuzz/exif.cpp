// EXIF segments, and the turn that they ask for.
#include "evaluators/data/exif.h"
#include "tests/fuzz/fuzz.h"

void fuzz(std::string_view input) {
  const int orientation = evaluators::exif_orientation(fuzzing::bytes(input).data(), input.size());
  fuzzing::require(orientation >= 1 && orientation <= 8, "an orientation is one of eight");
  evaluators::DecodedImage image{2, 3, std::vector<std::uint8_t>(18)};
  evaluators::set_upright(image, orientation);
  fuzzing::require(image.height * image.width == 6, "turning loses no pixel");
}
