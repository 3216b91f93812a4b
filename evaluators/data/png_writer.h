// Images as PNG files in memory, for reports.
#pragma once

#include <string>
#include <vector>

#include "evaluators/data/dataset.h"

namespace evaluators {

// The images side by side, each at most `side` pixels wide and high: larger ones are reduced by averaging. Of 3
// channels in colour, else the first one in grey. Empty where there is no image; indices must exist.
std::string png_strip(const ImageSet& images, const std::vector<int>& indices, int side);

}  // namespace evaluators
