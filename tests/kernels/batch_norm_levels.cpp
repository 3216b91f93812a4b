// Batch norm's loops at every level of the processor, against float64.
#include "evaluators/batch_norm_kernels.h"
#include "kernels/levels.h"

using namespace kernel_tests;
using namespace evaluators::kernels;

namespace {

// A sum is taken in float32 over at most 256 terms, then in float64.
constexpr double sum_error = 300 * unit;

std::vector<Extent> extents() {
  std::vector<Extent> result;
  for (int channels = 1; channels <= 42; ++channels)
    for (const int rows : {1, 2, 9, 147})
      result.push_back({rows, channels <= 40 ? channels : channels == 41 ? 64 : 96});
  result.push_back({70001, 1});  // more than one block of float32 sums
  result.push_back({4001, 24});
  return result;
}

template <typename T>
void check_moments(Extent e) {
  auto x = drawn<T>(e.rows * e.channels, 1, 3.0f);
  const Moments found = moments(x.data(), e);
  Worst worst;
  for (int c = 0; c < e.channels; ++c) {
    double sum = 0, absolute = 0, square = 0, variance = 0;
    for (int r = 0; r < e.rows; ++r) {
      const double d = x[r * e.channels + c] - x[c];
      sum += d, absolute += std::abs(d), square += d * d;
    }
    const double mean = x[c] + sum / e.rows;
    for (int r = 0; r < e.rows; ++r) variance += std::pow(x[r * e.channels + c] - mean, 2) / e.rows;
    worst.see(found.mean[c], mean, sum_error * absolute / e.rows);
    worst.see(found.variance[c], variance, 4 * sum_error * square / e.rows);
  }
  CHECK(worst.part <= 1);
}

template <typename T>
void check_affine(Extent e, bool with_residual, bool relu) {
  const std::size_t size = e.rows * e.channels;
  auto x = drawn<T>(size, 2), residual = drawn<T>(size, 3);
  auto factor = drawn<float>(e.channels, 4), offset = drawn<float>(e.channels, 5);
  Guarded<T> y(size);
  affine(x.data(), with_residual ? residual.data() : nullptr, factor.data(), offset.data(), relu, y.data(), e);
  Worst worst;
  for (std::size_t i = 0; i < size; ++i) {
    const int c = i % e.channels;
    const double product = x[i] * factor[c], added = with_residual ? residual[i] : 0.0;
    const double expected = product + offset[c] + added;
    const double magnitude = std::abs(product) + std::abs(offset[c]) + std::abs(added);
    worst.see(y[i], relu ? std::max(0.0, expected) : expected, 4 * unit * magnitude + stored<T> * std::abs(expected));
  }
  CHECK(worst.part <= 1);
  CHECK(y.intact());
}

template <typename T>
void check_gradients(Extent e, bool masked, bool keep) {
  const std::size_t size = e.rows * e.channels;
  auto g = drawn<T>(size, 6), y = drawn<T>(size, 7), x = drawn<T>(size, 8);
  auto mean = drawn<float>(e.channels, 9), a = drawn<float>(e.channels, 10), b = drawn<float>(e.channels, 11),
       c = drawn<float>(e.channels, 12);
  Guarded<T> gx(size), kept(size);
  T* const mask = masked ? y.data() : nullptr;
  const GradientSums sums = gradient_sums(g.data(), mask, x.data(), mean.data(), e);
  gradient_affine(g.data(), mask, x.data(), a.data(), b.data(), c.data(), gx.data(), keep ? kept.data() : nullptr, e);
  Worst worst;
  std::vector<double> first(e.channels), second(e.channels), first_size(e.channels), second_size(e.channels);
  for (std::size_t i = 0; i < size; ++i) {
    const int k = i % e.channels;
    const double upstream = masked && !(y[i] > 0) ? 0.0 : g[i], centred = upstream * (x[i] - mean[k]);
    first[k] += upstream, first_size[k] += std::abs(upstream);
    second[k] += centred, second_size[k] += std::abs(centred);
    const double expected = upstream * a[k] + x[i] * b[k] + c[k];
    const double magnitude = std::abs(upstream * a[k]) + std::abs(x[i] * b[k]) + std::abs(c[k]);
    worst.see(gx[i], expected, 5 * unit * magnitude + stored<T> * std::abs(expected));
    if (keep) worst.see(kept[i], upstream, 0);
  }
  for (int k = 0; k < e.channels; ++k) {
    worst.see(sums.gradient[k], first[k], sum_error * first_size[k]);
    worst.see(sums.centred[k], second[k], sum_error * second_size[k]);
  }
  CHECK(worst.part <= 1);
  CHECK(gx.intact());
  CHECK(kept.intact());
}

}  // namespace

TEMPLATE_TEST_CASE("batch norm's loops agree with float64 at every level", "[kernels]", float, Bf16) {
  at_every_level(sizeof(TestType) == 2 ? "batch norm, bf16" : "batch norm, float32", [] {
    for (const Extent e : extents()) {
      INFO(e.rows << " rows of " << e.channels << " channels");
      check_moments<TestType>(e);
      for (const bool residual : {false, true})
        for (const bool relu : {false, true}) check_affine<TestType>(e, residual, relu);
      check_gradients<TestType>(e, false, false);
      check_gradients<TestType>(e, true, false);
      check_gradients<TestType>(e, true, true);
    }
  });
}
