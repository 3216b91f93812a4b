// Bilinear enlargement of a mask to its box.
#include "evaluators/detection/pasting.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace evaluators::detection {

using torch::Tensor;

Tensor paste_mask(const Tensor& mask, const Tensor& box, int height, int width) {
  constexpr int margin = 1;
  const std::int64_t side = mask.size(0) + 2 * margin;
  const Tensor corners = box.to(torch::kCPU, torch::kFloat32).contiguous();
  const float* b = corners.data_ptr<float>();
  const float scale = static_cast<float>(side) / static_cast<float>(mask.size(0));
  // Grown about its centre by the margin, to whole pixels, both ends within.
  std::array<std::int64_t, 4> placed = {};
  for (int axis = 0; axis < 2; ++axis) {
    const float half = (b[axis + 2] - b[axis]) * 0.5f * scale, centre = (b[axis + 2] + b[axis]) * 0.5f;
    placed[axis] = static_cast<std::int64_t>(centre - half);
    placed[axis + 2] = static_cast<std::int64_t>(centre + half);
  }
  const auto [left, top, right, bottom] = placed;
  const std::int64_t box_width = std::max<std::int64_t>(right - left + 1, 1);
  const std::int64_t box_height = std::max<std::int64_t>(bottom - top + 1, 1);
  const Tensor padded = at::constant_pad_nd(mask, {margin, margin, margin, margin});
  const Tensor enlarged =
      at::upsample_bilinear2d(padded.unsqueeze(0).unsqueeze(0), {box_height, box_width}, false)[0][0];
  Tensor image = at::zeros({height, width}, mask.options());
  const std::int64_t x0 = std::max<std::int64_t>(left, 0), x1 = std::min<std::int64_t>(right + 1, width);
  const std::int64_t y0 = std::max<std::int64_t>(top, 0), y1 = std::min<std::int64_t>(bottom + 1, height);
  if (x0 >= x1 || y0 >= y1) return image;
  image.slice(0, y0, y1).slice(1, x0, x1).copy_(enlarged.slice(0, y0 - top, y1 - top).slice(1, x0 - left, x1 - left));
  return image;
}

}  // namespace evaluators::detection
