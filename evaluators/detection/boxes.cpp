// Box arithmetic.
#include "evaluators/detection/boxes.h"

#include <ATen/ATen.h>

#include <cmath>

namespace evaluators::detection {

using torch::Tensor;

namespace {

// Centres and sides, [N] each.
struct Placed {
  Tensor x, y, width, height;
  explicit Placed(const Tensor& boxes)
      : width(boxes.select(1, 2) - boxes.select(1, 0)), height(boxes.select(1, 3) - boxes.select(1, 1)) {
    x = boxes.select(1, 0) + 0.5 * width;
    y = boxes.select(1, 1) + 0.5 * height;
  }
};

}  // namespace

Tensor box_areas(const Tensor& boxes) {
  return (boxes.select(1, 2) - boxes.select(1, 0)) * (boxes.select(1, 3) - boxes.select(1, 1));
}

Tensor box_iou(const Tensor& first, const Tensor& second) {
  const Tensor upper = at::max(first.slice(1, 0, 2).unsqueeze(1), second.slice(1, 0, 2).unsqueeze(0));
  const Tensor lower = at::min(first.slice(1, 2, 4).unsqueeze(1), second.slice(1, 2, 4).unsqueeze(0));
  const Tensor sides = (lower - upper).clamp_min(0);
  const Tensor shared = sides.select(2, 0) * sides.select(2, 1);
  const Tensor joint = box_areas(first).unsqueeze(1) + box_areas(second).unsqueeze(0) - shared;
  return at::where(joint > 0, shared / joint, at::zeros_like(joint));
}

Tensor clip_boxes(const Tensor& boxes, double height, double width) {
  return at::stack({boxes.select(-1, 0).clamp(0, width), boxes.select(-1, 1).clamp(0, height),
                    boxes.select(-1, 2).clamp(0, width), boxes.select(-1, 3).clamp(0, height)},
                   -1);
}

Tensor large_boxes(const Tensor& boxes, double least) {
  const Tensor sides = boxes.slice(1, 2, 4) - boxes.slice(1, 0, 2);
  return (sides >= least).all(1).nonzero().squeeze(1);
}

Tensor BoxCoder::encode(const Tensor& boxes, const Tensor& references) const {
  const Placed to(boxes), from(references);
  return at::stack({weights[0] * (to.x - from.x) / from.width, weights[1] * (to.y - from.y) / from.height,
                    weights[2] * at::log(to.width / from.width), weights[3] * at::log(to.height / from.height)},
                   1);
}

Tensor BoxCoder::decode(const Tensor& deltas, const Tensor& references) const {
  const double largest = std::log(1000.0 / 16);
  const Placed from(references);
  const auto per_box = [](const Tensor& of_reference) { return of_reference.unsqueeze(1); };
  const Tensor d = deltas.reshape({deltas.size(0), deltas.size(1) / 4, 4});
  const Tensor x = d.select(2, 0) / weights[0] * per_box(from.width) + per_box(from.x);
  const Tensor y = d.select(2, 1) / weights[1] * per_box(from.height) + per_box(from.y);
  const Tensor width = at::exp((d.select(2, 2) / weights[2]).clamp_max(largest)) * per_box(from.width);
  const Tensor height = at::exp((d.select(2, 3) / weights[3]).clamp_max(largest)) * per_box(from.height);
  return at::stack({x - 0.5 * width, y - 0.5 * height, x + 0.5 * width, y + 0.5 * height}, 2);
}

}  // namespace evaluators::detection
