// Anchors: boxes of fixed sizes and aspect ratios at every position of every level of a pyramid.
#pragma once

#include <torch/types.h>

#include <vector>

namespace evaluators::detection {

// Sizes (roots of areas) and aspect ratios (height : width) of one level's anchors, for an image in pixels.
struct AnchorShapes {
  std::vector<double> sizes;
  std::vector<double> aspect_ratios = {0.5, 1.0, 2.0};
  int per_position() const { return static_cast<int>(sizes.size() * aspect_ratios.size()); }
};

struct MapSize {
  int height = 0, width = 0;
};

// Of one level, [map positions x per_position, 4]: rows of the map, columns, aspect ratios, sizes; whole pixels. The
// stride is the image's side by the map's, rounded down.
torch::Tensor level_anchors(const AnchorShapes& shapes, MapSize image, MapSize map);

}  // namespace evaluators::detection
