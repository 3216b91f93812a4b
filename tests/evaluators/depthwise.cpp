// The depthwise convolution against LibTorch's own, values and gradients.
#include "evaluators/depthwise.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "evaluators/processor.h"

using torch::Tensor;

namespace {

Tensor leaf(const Tensor& tensor) {
  return tensor.detach().clone().set_requires_grad(true);
}

// Largest deviation relative to the largest value.
double deviation(const Tensor& found, const Tensor& expected) {
  return (found.to(torch::kFloat64) - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

}  // namespace

TEST_CASE("depthwise convolution has LibTorch's values and gradients") {
  const int channels = GENERATE(1, 3, 6, 16, 20), multiplier = GENERATE(1, 2, 3, 4), stride = GENERATE(1, 2);
  const int kernel = GENERATE(3, 5), size = GENERATE(4, 9);
  const auto type = GENERATE(torch::kFloat32, torch::kBFloat16);
  const auto level = GENERATE(from_range(evaluators::available_kernel_levels()));
  CAPTURE(channels, multiplier, stride, kernel, size, type, evaluators::name(level));
  const evaluators::ForcedKernelLevel lowered(level);
  at::manual_seed(1);
  const Tensor images = at::randn({2, channels, size, size + 1}).to(type).contiguous(at::MemoryFormat::ChannelsLast);
  const Tensor x = leaf(images), exact_x = leaf(images.to(torch::kFloat64));
  const Tensor weight = leaf(at::randn({channels * multiplier, 1, kernel, kernel}));
  const Tensor exact_weight = leaf(weight.to(torch::kFloat64));

  const Tensor y = evaluators::depthwise_conv(x, weight, {stride, kernel / 2});
  const Tensor expected = at::conv2d(exact_x, exact_weight, {}, stride, kernel / 2, 1, channels);
  const double tolerance = type == torch::kFloat32 ? 1e-5 : 1e-2;
  REQUIRE(y.sizes() == expected.sizes());
  CHECK(y.is_contiguous(at::MemoryFormat::ChannelsLast));
  CHECK(deviation(y.detach(), expected.detach()) < tolerance);
  const Tensor upstream = at::randn(y.sizes()).to(type);
  y.backward(upstream);
  expected.backward(upstream.to(torch::kFloat64));
  CHECK(deviation(x.grad(), exact_x.grad()) < tolerance);
  CHECK(deviation(weight.grad(), exact_weight.grad()) < tolerance);
}

TEST_CASE("depthwise convolution leaves out a gradient that nobody asks for") {
  at::manual_seed(1);
  const Tensor x = at::randn({2, 1, 6, 6}), weight = leaf(at::randn({8, 1, 3, 3})), same = leaf(weight);
  evaluators::depthwise_conv(x, weight, {1, 1}).sum().backward();
  at::conv2d(x, same, {}, 1, 1).sum().backward();
  CHECK_FALSE(x.grad().defined());
  CHECK(at::allclose(weight.grad(), same.grad(), 1e-4, 1e-4));
}
