// How a camera was held, from a photograph's EXIF data; internal to evaluators/data.
#pragma once

#include <cstddef>
#include <cstdint>

#include "evaluators/data/image_codec.h"

namespace evaluators {

// Orientation 1 to 8 (EXIF 2.3, tag 0x0112) in a JPEG's APP1 segment, which begins with "Exif"; 1, upright, where the
// segment is another or damaged.
int exif_orientation(const std::uint8_t* segment, std::size_t bytes);

// Turns and mirrors the image upright.
void set_upright(DecodedImage& image, int orientation);

}  // namespace evaluators
