// A mask of a fixed size back into the image.
#pragma once

#include <torch/types.h>

namespace evaluators::detection {

// mask: [M, M] in [0, 1], of the box (x1, y1, x2, y2) in pixels, which lies within a few sides of the image. Returns
// [height, width], 0 outside the box: bilinear, with a margin of one mask pixel.
torch::Tensor paste_mask(const torch::Tensor& mask, const torch::Tensor& box, int height, int width);

}  // namespace evaluators::detection
