// The fused batch norm against LibTorch's own operations, values and gradients.
#include "evaluators/batch_norm.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "evaluators/network.h"
#include "evaluators/processor.h"

using evaluators::BatchNormTensors;
using torch::Tensor;

namespace {

struct Case {
  Tensor x, residual, upstream;
  BatchNormTensors tensors;
};

struct Results {
  Tensor y, gx, gresidual, gweight, gbias, mean, variance;
};

Tensor leaf(const Tensor& tensor) {
  return tensor.detach().clone().set_requires_grad(true);
}

Case make_case(int channels, int side, bool with_residual, torch::ScalarType type) {
  at::manual_seed(channels);
  const auto images = [&] {
    return at::randn({3, channels, side, side}).to(type).contiguous(at::MemoryFormat::ChannelsLast);
  };
  Case result{images().add(2.0), with_residual ? images() : Tensor(), images(), {}};
  result.tensors = {at::rand({channels}) + 0.5, at::randn({channels}), at::randn({channels}),
                    at::rand({channels}) + 0.5};
  return result;
}

template <typename Function>
Results run(const Case& given, Function function) {
  const Tensor x = leaf(given.x), residual = given.residual.defined() ? leaf(given.residual) : Tensor();
  BatchNormTensors tensors{leaf(given.tensors.weight), leaf(given.tensors.bias), given.tensors.running_mean.clone(),
                           given.tensors.running_var.clone()};
  const Tensor y = function(x, residual, tensors);
  y.backward(given.upstream.to(y.scalar_type()));
  return {y.detach(),
          x.grad(),
          residual.defined() ? residual.grad() : Tensor(),
          tensors.weight.grad(),
          tensors.bias.grad(),
          tensors.running_mean,
          tensors.running_var};
}

Results reference(const Case& given, bool relu) {
  Case exact = given;
  exact.x = given.x.to(torch::kFloat64);
  exact.upstream = given.upstream.to(torch::kFloat64);
  if (given.residual.defined()) exact.residual = given.residual.to(torch::kFloat64);
  for (Tensor* tensor :
       {&exact.tensors.weight, &exact.tensors.bias, &exact.tensors.running_mean, &exact.tensors.running_var})
    *tensor = tensor->to(torch::kFloat64);
  return run(exact, [&](const Tensor& x, const Tensor& residual, const BatchNormTensors& t) {
    Tensor y = at::batch_norm(x, t.weight, t.bias, t.running_mean, t.running_var, true, evaluators::batch_norm_momentum,
                              evaluators::batch_norm_epsilon, false);
    if (residual.defined()) y = y + residual;
    return relu ? at::relu(y) : y;
  });
}

// Largest deviation relative to the largest value.
double deviation(const Tensor& found, const Tensor& expected) {
  if (!expected.defined()) return found.defined() ? 1.0 : 0.0;
  const Tensor exact = expected.to(torch::kFloat64);
  return (found.to(torch::kFloat64) - exact).abs().max().item<double>() / exact.abs().max().item<double>();
}

}  // namespace

TEST_CASE("fused batch norm has the values and gradients of the operations it replaces") {
  const int channels = GENERATE(1, 6, 12, 24, 37, 96, 130);
  const bool residual = GENERATE(false, true), relu = GENERATE(false, true);
  const auto type = GENERATE(torch::kFloat32, torch::kBFloat16);
  const auto level = GENERATE(from_range(evaluators::available_kernel_levels()));
  CAPTURE(channels, residual, relu, type, evaluators::name(level));
  const evaluators::ForcedKernelLevel lowered(level);
  const Case given = make_case(channels, 9, residual, type);
  const Results expected = reference(given, relu);
  const Results found = run(given, [&](const Tensor& x, const Tensor& added, const BatchNormTensors& tensors) {
    return evaluators::fused_batch_norm(x, added, tensors, true, relu);
  });
  // bfloat16 rounds the output to 8 bits, and near zero its ReLU may fall to the other side.
  const double tolerance = type == torch::kFloat32 ? 1e-5 : 2e-2;
  CHECK(deviation(found.y, expected.y) < tolerance);
  CHECK(deviation(found.gx, expected.gx) < tolerance);
  CHECK(deviation(found.gresidual, expected.gresidual) < tolerance);
  CHECK(deviation(found.gweight, expected.gweight) < tolerance);
  CHECK(deviation(found.gbias, expected.gbias) < tolerance);
  CHECK(deviation(found.mean, expected.mean) < 1e-5);
  CHECK(deviation(found.variance, expected.variance) < 1e-5);
}

TEST_CASE("fused batch norm with running statistics is an affine map") {
  at::NoGradGuard no_grad;
  const Case given = make_case(20, 5, true, torch::kFloat32);
  const auto& t = given.tensors;
  const Tensor expected = at::relu(at::batch_norm(given.x, t.weight, t.bias, t.running_mean, t.running_var, false, 0.1,
                                                  evaluators::batch_norm_epsilon, false) +
                                   given.residual);
  CHECK(deviation(evaluators::fused_batch_norm(given.x, given.residual, t, false, true), expected) < 1e-5);
}

TEST_CASE("fused batch norm takes any memory layout") {
  const Case given = make_case(8, 4, true, torch::kFloat32);
  Case planar = given;
  planar.x = given.x.contiguous();
  planar.residual = given.residual.contiguous();
  const auto fused = [](const Tensor& x, const Tensor& added, const BatchNormTensors& tensors) {
    return evaluators::fused_batch_norm(x, added, tensors, true, true);
  };
  const Results first = run(given, fused), second = run(planar, fused);
  CHECK(at::equal(first.y, second.y));
  CHECK(at::equal(first.gx, second.gx));
}

TEST_CASE("a mean far from zero does not spoil the variance") {
  Case given = make_case(16, 8, false, torch::kFloat32);
  given.x = given.x + 3000.0;
  const Results found = run(given, [&](const Tensor& x, const Tensor& added, const BatchNormTensors& tensors) {
    return evaluators::fused_batch_norm(x, added, tensors, true, false);
  });
  CHECK(deviation(found.y, reference(given, false).y) < 1e-3);
}
