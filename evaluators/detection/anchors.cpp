// Anchors around the origin, shifted over a grid.
#include "evaluators/detection/anchors.h"

#include <ATen/ATen.h>

#include <cmath>

namespace evaluators::detection {

using torch::Tensor;

namespace {

// [per_position, 4], centred on the origin.
Tensor centred(const AnchorShapes& shapes) {
  std::vector<float> sides;
  for (const double ratio : shapes.aspect_ratios) {
    const auto tall = std::sqrt(static_cast<float>(ratio));
    for (const double size : shapes.sizes) {
      const float width = 1 / tall * static_cast<float>(size), height = tall * static_cast<float>(size);
      sides.insert(sides.end(), {-width, -height, width, height});
    }
  }
  return (at::tensor(sides).view({-1, 4}) / 2).round();
}

}  // namespace

Tensor level_anchors(const AnchorShapes& shapes, MapSize image, MapSize map) {
  const Tensor x = at::arange(map.width, torch::kFloat32) * (image.width / map.width);
  const Tensor y = at::arange(map.height, torch::kFloat32) * (image.height / map.height);
  const Tensor across = x.repeat({map.height}), down = y.repeat_interleave(map.width);
  const Tensor shifts = at::stack({across, down, across, down}, 1);
  return (shifts.unsqueeze(1) + centred(shapes).unsqueeze(0)).reshape({-1, 4});
}

}  // namespace evaluators::detection
