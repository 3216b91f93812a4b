// The box head and the mask head: what they compute, what they are trained on.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "evaluators/detection/losses.h"
#include "evaluators/detection/matching.h"
#include "evaluators/network.h"
#include "search_space/mask_rcnn.h"

namespace evaluators::detection {

// What is to be found on an image.
struct Target {
  torch::Tensor boxes;   // [objects, 4]
  torch::Tensor labels;  // [objects] int64, from 1 on
  // Those of some objects (int64 [P]), which need not be held all at once: [P, H, W] float, 0 or 1.
  std::function<torch::Tensor(const torch::Tensor& objects)> masks;
};

class BoxHead {
 public:
  BoxHead(const search_space::MaskRcnnGraphs& graphs, std::uint64_t seed);
  struct Output {
    torch::Tensor logits, deltas;  // [R, K], [R, 4 K]
  };
  Output forward(const torch::Tensor& regions, bool training);  // [R, C, 7, 7]
  const Network& network() const { return network_; }

 private:
  Network network_;
  int classes_, deltas_;
};

// A few convolutions, a deconvolution (2x2, stride 2), and a mask per class.
class MaskHead {
 public:
  MaskHead(const search_space::MaskRcnnGraphs& graphs, std::uint64_t seed);
  torch::Tensor forward(const torch::Tensor& regions, bool training);  // [R, C, 14, 14] -> logits [R, K, 28, 28]
  std::vector<torch::Tensor> parameters() const;
  std::map<std::string, torch::Tensor> named_tensors() const;

 private:
  Network hidden_, logits_;
  torch::Tensor weight_, bias_;  // of the deconvolution: [in, out, 2, 2], [out]
};

// Proposals of one image to train the heads on.
struct HeadSample {
  torch::Tensor boxes;    // [S, 4]
  torch::Tensor labels;   // [S] int64, 0 = background
  torch::Tensor objects;  // [S] int64, the object that each is compared with; 0 where there is none
  torch::Tensor targets;  // [S, 4], coded
};
// The image's objects are proposals, too.
HeadSample head_sample(const torch::Tensor& proposals, const Target& target, const Matcher& matcher,
                       const Sampler& sampler, const Sampler::Permutation& permutation);

}  // namespace evaluators::detection
