// Which anchor or proposal answers for which object, and the sample of them that is trained on.
#pragma once

#include <torch/types.h>

#include <functional>

namespace evaluators::detection {

struct Matcher {
  static constexpr std::int64_t background = -1, undecided = -2;
  double foreground = 0.5;   // an overlap from here on is a match
  double nothing = 0.5;      // an overlap below is background; between the two the candidate is undecided
  bool low_quality = false;  // every object also keeps the candidates that overlap it most, ties included

  // overlaps: [objects, candidates] -> per candidate (int64) the object it matches, `background` or `undecided`.
  // Without objects all is background.
  torch::Tensor match(const torch::Tensor& overlaps) const;
};

// Candidates to train on: at most `size`, at most `positive_fraction` of them positive.
struct Sampler {
  int size = 256;
  double positive_fraction = 0.5;

  struct Sample {
    torch::Tensor positive, negative;  // indices (int64) of candidates
  };
  using Permutation = std::function<torch::Tensor(std::int64_t)>;  // of n: int64 [n]
  // labels: [N], >= 1 positive, 0 negative, < 0 neither. `permutation` is asked for the positives first.
  Sample sample(const torch::Tensor& labels, const Permutation& permutation) const;
};

}  // namespace evaluators::detection
