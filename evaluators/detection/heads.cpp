// Heads over regions of one size.
#include "evaluators/detection/heads.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

#include "evaluators/convolution.h"
#include "evaluators/detection/boxes.h"

namespace evaluators::detection {

using search_space::MaskRcnnGraphs;
using torch::Tensor;

namespace {

// Predictors start near zero, so that the first losses are near the logarithm of what there is to choose from.
void start_small(Network& network, const std::string& name, double deviation, std::uint64_t seed) {
  at::NoGradGuard no_grad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  network.named_tensors().at(name).normal_(0, deviation, generator);
}

}  // namespace

BoxHead::BoxHead(const MaskRcnnGraphs& graphs, std::uint64_t seed)
    : network_(graphs.boxes, seed), classes_(graphs.classes), deltas_(graphs.box_deltas) {
  start_small(network_, "box.classes.weight", 0.01, seed + 1);
  start_small(network_, "box.deltas.weight", 0.001, seed + 2);
}

BoxHead::Output BoxHead::forward(const Tensor& regions, bool training) {
  Output output;
  const Tensor rows = regions.contiguous().flatten(1).unsqueeze(-1).unsqueeze(-1);
  network_.forward_observed(rows, training, {classes_, deltas_}, [&](int node, Tensor& value) {
    if (node == classes_) output.logits = value.flatten(1);
    if (node == deltas_) output.deltas = value.flatten(1);
  });
  return output;
}

MaskHead::MaskHead(const MaskRcnnGraphs& graphs, std::uint64_t seed)
    : hidden_(graphs.masks, seed), logits_(graphs.mask_logits, seed + 1) {
  start_small(logits_, "mask.logits.weight", 0.01, seed + 2);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed + 3);
  const int width = logits_.graph().input().channels;
  weight_ = at::empty({width, width, 2, 2}).normal_(0, std::sqrt(2.0 / width), generator).set_requires_grad(true);
  bias_ = at::zeros({width}).set_requires_grad(true);
}

Tensor MaskHead::forward(const Tensor& regions, bool training) {
  Tensor x, result;
  const int last = static_cast<int>(hidden_.graph().nodes.size()) - 1,
            logits = static_cast<int>(logits_.graph().nodes.size()) - 1;
  hidden_.forward_observed(regions, training, {last}, [&](int node, Tensor& value) {
    if (node == last) x = value;
  });
  // Every position makes four of its own: a 1x1 convolution to four times the channels, laid out as 2x2.
  const std::int64_t width = weight_.size(1);
  const Tensor filters = weight_.permute({1, 2, 3, 0}).reshape({4 * width, weight_.size(0), 1, 1});
  const Tensor wide = convolution(x, filters, bias_.repeat_interleave(4), {});
  const Tensor doubled = at::relu(at::pixel_shuffle(wide, 2)).contiguous(at::MemoryFormat::ChannelsLast);
  logits_.forward_observed(doubled, training, {logits}, [&](int node, Tensor& value) {
    if (node == logits) result = value;
  });
  return result;
}

std::vector<Tensor> MaskHead::parameters() const {
  std::vector<Tensor> result = hidden_.parameters();
  for (const Tensor& tensor : logits_.parameters()) result.push_back(tensor);
  result.push_back(weight_);
  result.push_back(bias_);
  return result;
}

std::map<std::string, Tensor> MaskHead::named_tensors() const {
  std::map<std::string, Tensor> result = hidden_.named_tensors();
  result.merge(logits_.named_tensors());
  result["mask.deconv.weight"] = weight_;
  result["mask.deconv.bias"] = bias_;
  return result;
}

HeadSample head_sample(const Tensor& proposals, const Target& target, const Matcher& matcher, const Sampler& sampler,
                       const Sampler::Permutation& permutation) {
  const Tensor boxes = at::cat({proposals, target.boxes});
  const Tensor matches = matcher.match(box_iou(target.boxes, boxes));
  const Tensor objects = matches.clamp_min(0);
  const bool empty = target.labels.size(0) == 0;
  const Tensor labels = empty ? at::zeros_like(matches)
                              : target.labels.index_select(0, objects)
                                    .masked_fill(matches.eq(Matcher::background), 0)
                                    .masked_fill(matches.eq(Matcher::undecided), -1);
  const Sampler::Sample drawn = sampler.sample(labels, permutation);
  const Tensor chosen = at::cat({drawn.positive, drawn.negative});
  HeadSample sample{boxes.index_select(0, chosen), labels.index_select(0, chosen), objects.index_select(0, chosen), {}};
  sample.targets = empty ? at::zeros_like(sample.boxes)
                         : detection_coder.encode(target.boxes.index_select(0, sample.objects), sample.boxes);
  return sample;
}

}  // namespace evaluators::detection
