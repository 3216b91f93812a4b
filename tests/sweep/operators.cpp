// The other primitives of a graph as the network runs them.
#include <fmt/format.h>

#include <array>

#include "evaluators/batch_norm.h"
#include "sweep.h"

namespace sweep {

using at::Tensor;

namespace {

constexpr int batch = 3;
constexpr std::array sizes = {1, 2, 5, 8};

using Unary = std::function<Tensor(const Tensor&)>;

struct Primitive {
  const char* name;
  int least_size;
  Unary call;
};

const std::vector<Primitive>& unary() {
  static const std::vector<Primitive> primitives = {
      {"relu", 1, [](const Tensor& x) { return at::relu(x); }},
      {"sigmoid", 1, [](const Tensor& x) { return at::sigmoid(x); }},
      {"hard sigmoid", 1, [](const Tensor& x) { return at::hardsigmoid(x * 4); }},
      {"hard-swish", 1, [](const Tensor& x) { return at::hardswish(x * 4); }},
      {"max pool 2x2, rounded up", 1,
       [](const Tensor& x) { return at::max_pool2d(x, 2, 2, at::IntArrayRef(std::int64_t{0}), 1, true); }},
      {"max pool 3x3 stride 2", 1,
       [](const Tensor& x) { return at::max_pool2d(x, 3, 2, at::IntArrayRef(std::int64_t{1}), 1, false); }},
      {"average pool 2x2", 2,
       [](const Tensor& x) { return at::avg_pool2d(x, 2, 2, at::IntArrayRef(std::int64_t{0}), false, false); }},
      {"average pool 2x2, rounded up", 1,
       [](const Tensor& x) { return at::avg_pool2d(x, 2, 2, at::IntArrayRef(std::int64_t{0}), true, false); }},
      {"nearest upsampling", 1,
       [](const Tensor& x) {
         const std::array<std::int64_t, 2> size = {2 * x.size(2) - 1, 2 * x.size(3)};
         return at::upsample_nearest2d(x, size);
       }},
      {"global average pool", 1,
       [](const Tensor& x) {
         return at::mean(x, {2, 3}, true);
       }},
  };
  return primitives;
}

void compare_batch_norm(int channels, int size, bool relu, const Variant& variant) {
  Case tested;
  tested.shape =
      fmt::format("batch norm{} of {} channels, {}x{}", relu ? ", sum and relu" : "", channels, size, size + 1);
  const std::vector<std::int64_t> extent = {batch, channels, size, size + 1};
  // Statistics and parameters stay float32 whatever the type: they take no part in the comparison of types.
  const Variant exact{at::kFloat, variant.format};
  tested.inputs = {drawn(extent, variant), drawn(extent, variant)};
  const Tensor weight = drawn({channels}, exact), bias = drawn({channels}, exact);
  tested.reference = [=](const std::vector<Tensor>& t) {
    const Tensor y = at::batch_norm(t[0], weight, bias, {}, {}, true, 0.1, 1e-5, false) + t[1];
    return relu ? at::relu(y) : y;
  };
  tested.tested = [=](const std::vector<Tensor>& t) {
    const auto state = [&](double value) { return at::full({channels}, value, at::kFloat); };
    return evaluators::fused_batch_norm(t[0], t[1], {weight.to(at::kFloat), bias.to(at::kFloat), state(0), state(1)},
                                        true, relu);
  };
  compare(tested, variant);
}

void compare_linear(int in, int out, const Variant& variant) {
  Case tested;
  tested.shape = fmt::format("linear from {} to {}", in, out);
  tested.inputs = {drawn({batch, in}, variant), drawn({out, in}, variant), drawn({out}, variant)};
  tested.reference = tested.tested = [](const std::vector<Tensor>& t) { return at::linear(t[0], t[1], t[2]); };
  compare(tested, variant);
}

}  // namespace

void operators(const Variant& variant) {
  for (int channels = 1; channels <= 42; ++channels) {
    const int width = channels <= 40 ? channels : channels == 41 ? 64 : 96;
    for (const int size : sizes) {
      for (const Primitive& primitive : unary()) {
        if (size < primitive.least_size) continue;
        Case tested;
        tested.shape = fmt::format("{} of {} channels, {}x{}", primitive.name, width, size, size + 1);
        tested.inputs = {drawn({batch, width, size, size + 1}, variant)};
        tested.reference = tested.tested = [&primitive](const std::vector<Tensor>& t) { return primitive.call(t[0]); };
        compare(tested, variant);
      }
      // Near zero the two precisions may disagree about the sign: only the sum is compared where a bit decides.
      compare_batch_norm(width, size, variant.type == at::kFloat && size > 1, variant);
    }
    // The network computes its dense layers in float32.
    for (const int out : {1, 10, 51}) compare_linear(width, out, {at::kFloat, variant.format});
  }
}

}  // namespace sweep
