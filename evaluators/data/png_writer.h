// Images as PNG files in memory, for reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"

namespace evaluators {

// The images side by side, each at most `side` pixels wide and high: larger ones are reduced by averaging. Of 3
// channels in colour, else the first one in grey. Empty where there is no image; indices must exist.
std::string png_strip(const ImageSet& images, const std::vector<int>& indices, int side);

// height x width x 3 bytes as a PNG file.
std::string png_of(const std::uint8_t* pixels, int height, int width);

}  // namespace evaluators
