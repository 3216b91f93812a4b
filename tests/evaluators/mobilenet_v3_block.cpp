// MobileNet-V3's block against loops written from the paper, and its gate when it is inherited.
#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "evaluators/inheritance.h"
#include "evaluators/network.h"
#include "network_fixtures.h"
#include "search_space/lowering.h"

using evaluators::Network;
using search_space::Architecture;

namespace {

constexpr int in = 4, side = 6, expanded = 24, inner = 8;  // 24 / 4 = 6, and at least 8
const std::string block = "stage1.slot1.inverted_residual_v3.";

Architecture block_design(int kernel, int stride, int squeeze_excite, int hard_swish, int channels = expanded) {
  Architecture design{{in, side, side}, 5, {}, {}, {}};
  search_space::Slot slot;
  slot.stride = stride;
  slot.width = 8;
  slot.shortcut = search_space::Shortcut::none;
  slot.activation = "none";
  slot.module = {
      "inverted_residual_v3",
      {{"expanded", channels}, {"kernel", kernel}, {"squeeze_excite", squeeze_excite}, {"hard_swish", hard_swish}}};
  design.slots = {slot};
  return design;
}

using Values = std::vector<double>;  // channels x height x width

// The block in loops; reads nothing of the graph but the weights by name.
class PlainBlock {
 public:
  PlainBlock(const Network& network, int kernel, int stride, bool squeeze_excite, bool hard_swish)
      : tensors_(network.named_tensors()),
        kernel_(kernel),
        stride_(stride),
        squeeze_excite_(squeeze_excite),
        hard_swish_(hard_swish) {}

  Values run(const Values& image) const {
    Values x = activated(normalised("expanded", pointwise("expanded", image, side * side)));
    x = activated(normalised("depthwise", depthwise(x)));
    const int positions = static_cast<int>(x.size()) / expanded;
    if (squeeze_excite_) weigh(x, positions);
    return normalised("project", pointwise("project", x, positions));
  }

 private:
  float weight(const std::string& name, int index) const {
    return tensors_.at(block + name).contiguous().data_ptr<float>()[index];
  }

  Values pointwise(const std::string& name, const Values& x, int positions) const {
    const int inputs = static_cast<int>(x.size()) / positions;
    const int outputs = static_cast<int>(tensors_.at(block + name + ".weight").size(0));
    Values result(outputs * positions, 0.0);
    for (int o = 0; o < outputs; ++o)
      for (int i = 0; i < inputs; ++i) {
        const double w = weight(name + ".weight", o * inputs + i);
        for (int p = 0; p < positions; ++p) result[o * positions + p] += w * x[i * positions + p];
      }
    return result;
  }

  Values depthwise(const Values& x) const {
    const int out = (side + stride_ - 1) / stride_, margin = kernel_ / 2;
    Values result;
    for (int c = 0; c < expanded; ++c)
      for (int y = 0; y < out; ++y)
        for (int z = 0; z < out; ++z) {
          double sum = 0;
          for (int k = 0; k < kernel_ * kernel_; ++k) {
            const int row = y * stride_ - margin + k / kernel_, column = z * stride_ - margin + k % kernel_;
            if (row < 0 || row >= side || column < 0 || column >= side) continue;
            sum += weight("depthwise.weight", c * kernel_ * kernel_ + k) * x[(c * side + row) * side + column];
          }
          result.push_back(sum);
        }
    return result;
  }

  Values normalised(const std::string& name, Values x) const {
    const int channels = static_cast<int>(tensors_.at(block + name + ".bn.weight").numel());
    const int positions = static_cast<int>(x.size()) / channels;
    for (int i = 0; i < static_cast<int>(x.size()); ++i) {
      const auto part = [&](const char* which) { return weight(name + ".bn." + which, i / positions); };
      x[i] = (x[i] - part("running_mean")) / std::sqrt(part("running_var") + evaluators::batch_norm_epsilon) *
                 part("weight") +
             part("bias");
    }
    return x;
  }

  // relu6(x + 3) / 6, the hard sigmoid of section 5.2.
  static double gate(double x) { return std::min(6.0, std::max(0.0, x + 3)) / 6; }

  Values activated(Values x) const {
    for (double& value : x) value = hard_swish_ ? value * gate(value) : std::max(0.0, value);
    return x;
  }

  void weigh(Values& x, int positions) const {
    Values means(expanded, 0.0);
    for (int i = 0; i < static_cast<int>(x.size()); ++i) means[i / positions] += x[i] / positions;
    Values squeezed = pointwise("squeeze", means, 1);
    for (int i = 0; i < inner; ++i) squeezed[i] = std::max(0.0, squeezed[i] + weight("squeeze.bias", i));
    const Values excited = pointwise("excite", squeezed, 1);
    for (int i = 0; i < static_cast<int>(x.size()); ++i)
      x[i] *= gate(excited[i / positions] + weight("excite.bias", i / positions));
  }

  std::map<std::string, at::Tensor> tensors_;
  int kernel_, stride_;
  bool squeeze_excite_, hard_swish_;
};

}  // namespace

TEST_CASE("MobileNet-V3's block computes what loops over its weights compute") {
  for (const int kernel : {3, 5})
    for (const int stride : {1, 2})
      for (const int squeeze_excite : {0, 1})
        for (const int hard_swish : {0, 1}) {
          INFO("kernel " << kernel << ", stride " << stride << ", squeeze-and-excite " << squeeze_excite
                         << ", hard-swish " << hard_swish);
          const auto graph = search_space::lower(block_design(kernel, stride, squeeze_excite, hard_swish));
          Network network = fixtures::settled_network(graph, 21);
          at::NoGradGuard no_grad;
          const at::Tensor images = fixtures::random_images(graph, 1, 22), plain = images.contiguous();
          const float* pixels = plain.data_ptr<float>();
          const Values expected = PlainBlock(network, kernel, stride, squeeze_excite == 1, hard_swish == 1)
                                      .run(Values(pixels, pixels + plain.numel()));
          at::Tensor found;
          network.forward_with_hook(images, false, [&](int node, at::Tensor& value) {
            if (node == graph.slot_output(0)) found = value.contiguous();
          });
          REQUIRE(found.numel() == static_cast<std::int64_t>(expected.size()));
          for (std::size_t i = 0; i < expected.size(); ++i)
            REQUIRE(found.data_ptr<float>()[i] == Approx(expected[i]).margin(1e-4));
        }
}

TEST_CASE("a narrower block keeps squeeze-and-excite of the channels that it keeps") {
  const auto wide = search_space::lower(block_design(3, 1, 1, 1, 64)),
             narrow = search_space::lower(block_design(3, 1, 1, 1, 24));
  const Network parent = fixtures::settled_network(wide, 31);
  Network child(narrow, 32);
  evaluators::inherit(child, wide, parent.named_tensors(), {});
  const auto from = parent.named_tensors(), to = child.named_tensors();
  // The depthwise filters tell which channels were kept; the gate must weigh the same ones.
  const auto filters = to.at(block + "depthwise.weight"), all = from.at(block + "depthwise.weight");
  int kept = 0;
  for (int c = 0; c < 24; ++c)
    for (int p = 0; p < 64; ++p) {
      if (!at::equal(filters[c], all[p])) continue;
      ++kept;
      CHECK(to.at(block + "excite.bias")[c].item<float>() == from.at(block + "excite.bias")[p].item<float>());
    }
  CHECK(kept == 24);
  CHECK(to.at(block + "squeeze.weight").sizes() == at::IntArrayRef({8, 24, 1, 1}));
  CHECK(from.at(block + "squeeze.weight").sizes() == at::IntArrayRef({16, 64, 1, 1}));
}
