// Greedy suppression on the CPU: it is sequential, and candidates are few.
#include "evaluators/detection/nms.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace evaluators::detection {

using torch::Tensor;

namespace {

float overlap(const float* a, const float* b) {
  const float width = std::min(a[2], b[2]) - std::max(a[0], b[0]), height = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  const float shared = std::max(0.0f, width) * std::max(0.0f, height);
  const auto area = [](const float* box) { return (box[2] - box[0]) * (box[3] - box[1]); };
  return shared / (area(a) + area(b) - shared);  // not a number, and so no overlap, where both are empty
}

}  // namespace

Tensor grouped_nms(const Tensor& boxes, const Tensor& scores, const Tensor& groups, double threshold) {
  const Tensor order = std::get<1>(scores.to(torch::kCPU).sort(/*stable=*/true, 0, /*descending=*/true));
  const Tensor sorted = boxes.to(torch::kCPU, torch::kFloat32).index_select(0, order).contiguous();
  const Tensor kinds = groups.to(torch::kCPU).index_select(0, order).contiguous();
  const float* box = sorted.data_ptr<float>();
  const std::int64_t* kind = kinds.data_ptr<std::int64_t>();
  const std::int64_t count = sorted.size(0);
  std::vector<char> dropped(count, 0);
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < count; ++i) {
    if (dropped[i]) continue;
    kept.push_back(i);
    for (std::int64_t j = i + 1; j < count; ++j)
      if (!dropped[j] && kind[i] == kind[j] && overlap(box + 4 * i, box + 4 * j) > threshold) dropped[j] = 1;
  }
  return order.index_select(0, at::tensor(kept, torch::kInt64)).to(boxes.device());
}

}  // namespace evaluators::detection
