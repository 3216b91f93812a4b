// Matching by overlap, and balanced sampling.
#include "evaluators/detection/matching.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace evaluators::detection {

using torch::Tensor;

Tensor Matcher::match(const Tensor& overlaps) const {
  if (overlaps.size(0) == 0) return at::full({overlaps.size(1)}, background, torch::kInt64);
  const auto [best, object] = overlaps.max(0);
  Tensor matches = object.masked_fill(best < nothing, background);
  matches.masked_fill_((best >= nothing).logical_and(best < foreground), undecided);
  if (!low_quality || overlaps.size(1) == 0) return matches;
  const Tensor most = std::get<0>(overlaps.max(1, /*keepdim=*/true));
  return at::where(overlaps.eq(most).any(0), object, matches);
}

Sampler::Sample Sampler::sample(const Tensor& labels, const Permutation& permutation) const {
  const Tensor positive = (labels >= 1).nonzero().squeeze(1), negative = labels.eq(0).nonzero().squeeze(1);
  const std::int64_t positives = std::min<std::int64_t>(static_cast<int>(size * positive_fraction), positive.size(0));
  const std::int64_t negatives = std::min<std::int64_t>(size - positives, negative.size(0));
  const auto draw = [&](const Tensor& all, std::int64_t count) {
    return all.index_select(0, permutation(all.size(0)).slice(0, 0, count));
  };
  Sample sample;
  sample.positive = draw(positive, positives);
  sample.negative = draw(negative, negatives);
  return sample;
}

}  // namespace evaluators::detection
