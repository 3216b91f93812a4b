// Channels are innermost in memory, so a vector register holds neighbouring channels. Few channels would leave it half
// empty: rows are taken together into a `period` whose length is a multiple of the register's, and per-channel values
// are repeated along it.
#include "evaluators/batch_norm_kernels.h"

#include <algorithm>
#include <numeric>

#include "evaluators/simd.h"

namespace evaluators::kernels {

using simd::Bf16;
using simd::load;
using simd::store;

namespace {

constexpr int lanes = 16;          // floats in the widest register
constexpr int least_period = 128;  // long enough to hide the latency of accumulating in memory
constexpr int chunk = 256;         // periods summed in float before the sum is added to a double

int period_of(int channels) {
  const int whole = channels <= 64 ? std::lcm(channels, lanes) : channels;
  return whole * ((least_period + whole - 1) / whole);
}

std::vector<float> repeated(const float* values, int channels, int period) {
  std::vector<float> result(period);
  for (int j = 0; j < period; ++j) result[j] = values[j % channels];
  return result;
}

// Two sums per lane, folded into doubles per channel.
struct LaneSums {
  LaneSums(int period, int channels) : first(period), second(period), channels_(channels) {}

  void fold(std::vector<double>& into_first, std::vector<double>& into_second) {
    for (std::size_t j = 0; j < first.size(); ++j) {
      into_first[j % channels_] += first[j];
      into_second[j % channels_] += second[j];
    }
    std::fill(first.begin(), first.end(), 0.0f);
    std::fill(second.begin(), second.end(), 0.0f);
  }

  std::vector<float> first, second;

 private:
  int channels_;
};

// Values are shifted by the first row's, so that a mean far from zero does not cancel in the variance.
template <typename T>
struct SquareSums {
  static SYNTH_INLINE void run(const T* x, const float* shift, float* first, float* second, std::int64_t offset,
                               std::int64_t end, int period) {
    for (; offset < end; offset += period) {
      const T* __restrict from = x + offset;
      float* __restrict s = first;
      float* __restrict q = second;
      const int count = static_cast<int>(std::min<std::int64_t>(period, end - offset));
      for (int j = 0; j < count; ++j) {
        const float value = load(from[j]) - shift[j];
        s[j] += value;
        q[j] += value * value;
      }
    }
  }
};

template <typename T, bool masked>
struct GradientSumsLoop {
  static SYNTH_INLINE void run(const T* gradient, const T* y, const T* x, const float* mean, float* first,
                               float* second, std::int64_t offset, std::int64_t end, int period) {
    for (; offset < end; offset += period) {
      const T *g = gradient + offset, *out = masked ? y + offset : nullptr, *in = x + offset;
      float* __restrict s = first;
      float* __restrict q = second;
      const int count = static_cast<int>(std::min<std::int64_t>(period, end - offset));
      for (int j = 0; j < count; ++j) {
        float value = load(g[j]);
        if constexpr (masked) value = load(out[j]) > 0.0f ? value : 0.0f;
        s[j] += value;
        q[j] += value * (load(in[j]) - mean[j]);
      }
    }
  }
};

template <typename T, bool with_residual, bool relu>
struct AffineLoop {
  static SYNTH_INLINE void run(const T* x, const T* residual, const float* factor, const float* offset, T* y,
                               std::int64_t elements, int period) {
    for (std::int64_t start = 0; start < elements; start += period) {
      const T *in = x + start, *other = with_residual ? residual + start : nullptr;
      T* out = y + start;
      const int count = static_cast<int>(std::min<std::int64_t>(period, elements - start));
#pragma GCC ivdep
      for (int j = 0; j < count; ++j) {
        float value = load(in[j]) * factor[j] + offset[j];
        if constexpr (with_residual) value += load(other[j]);
        if constexpr (relu) value = value < 0.0f ? 0.0f : value;
        store(value, out[j]);
      }
    }
  }
};

template <typename T, bool masked, bool keep>
struct GradientAffineLoop {
  static SYNTH_INLINE void run(const T* gradient, const T* y, const T* x, const float* a, const float* b,
                               const float* c, T* gx, T* kept, std::int64_t elements, int period) {
    for (std::int64_t start = 0; start < elements; start += period) {
      const T *g = gradient + start, *out = masked ? y + start : nullptr, *in = x + start;
      T* __restrict to = gx + start;
      T* __restrict mask = keep ? kept + start : nullptr;
      const int count = static_cast<int>(std::min<std::int64_t>(period, elements - start));
#pragma GCC ivdep
      for (int j = 0; j < count; ++j) {
        float value = load(g[j]);
        if constexpr (masked) value = load(out[j]) > 0.0f ? value : 0.0f;
        if constexpr (keep) store(value, mask[j]);
        store(value * a[j] + load(in[j]) * b[j] + c[j], to[j]);
      }
    }
  }
};

}  // namespace

template <typename T>
Moments moments(const T* x, Extent extent) {
  const int channels = extent.channels, period = period_of(channels);
  const std::int64_t elements = extent.rows * channels;
  std::vector<float> first_row(channels);
  for (int c = 0; c < channels; ++c) first_row[c] = load(x[c]);
  const auto shift = repeated(first_row.data(), channels, period);
  LaneSums sums(period, channels);
  std::vector<double> first(channels), second(channels);
  for (std::int64_t start = 0; start < elements; start += std::int64_t{chunk} * period) {
    const std::int64_t end = std::min(elements, start + std::int64_t{chunk} * period);
    simd::run<SquareSums<T>>(x, shift.data(), sums.first.data(), sums.second.data(), start, end, period);
    sums.fold(first, second);
  }
  Moments result{std::vector<double>(channels), std::vector<double>(channels)};
  for (int c = 0; c < channels; ++c) {
    const double mean = first[c] / extent.rows;
    result.mean[c] = first_row[c] + mean;
    result.variance[c] = std::max(0.0, second[c] / extent.rows - mean * mean);
  }
  return result;
}

template <typename T>
void affine(const T* x, const T* residual, const float* factor, const float* offset, bool relu, T* y, Extent extent) {
  const int period = period_of(extent.channels);
  const std::int64_t elements = extent.rows * extent.channels;
  const auto factors = repeated(factor, extent.channels, period), offsets = repeated(offset, extent.channels, period);
  const auto call = [&](auto loop) {
    simd::run<decltype(loop)>(x, residual, factors.data(), offsets.data(), y, elements, period);
  };
  if (residual)
    relu ? call(AffineLoop<T, true, true>{}) : call(AffineLoop<T, true, false>{});
  else
    relu ? call(AffineLoop<T, false, true>{}) : call(AffineLoop<T, false, false>{});
}

template <typename T>
GradientSums gradient_sums(const T* gradient, const T* y, const T* x, const float* mean, Extent extent) {
  const int channels = extent.channels, period = period_of(channels);
  const std::int64_t elements = extent.rows * channels;
  const auto means = repeated(mean, channels, period);
  LaneSums sums(period, channels);
  GradientSums result{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::int64_t start = 0; start < elements; start += std::int64_t{chunk} * period) {
    const std::int64_t end = std::min(elements, start + std::int64_t{chunk} * period);
    const auto call = [&](auto loop) {
      simd::run<decltype(loop)>(gradient, y, x, means.data(), sums.first.data(), sums.second.data(), start, end,
                                period);
    };
    y ? call(GradientSumsLoop<T, true>{}) : call(GradientSumsLoop<T, false>{});
    sums.fold(result.gradient, result.centred);
  }
  return result;
}

template <typename T>
void gradient_affine(const T* gradient, const T* y, const T* x, const float* a, const float* b, const float* c, T* gx,
                     T* masked, Extent extent) {
  const int period = period_of(extent.channels);
  const std::int64_t elements = extent.rows * extent.channels;
  const auto as = repeated(a, extent.channels, period), bs = repeated(b, extent.channels, period),
             cs = repeated(c, extent.channels, period);
  const auto call = [&](auto loop) {
    simd::run<decltype(loop)>(gradient, y, x, as.data(), bs.data(), cs.data(), gx, masked, elements, period);
  };
  if (!y)
    call(GradientAffineLoop<T, false, false>{});
  else
    masked ? call(GradientAffineLoop<T, true, true>{}) : call(GradientAffineLoop<T, true, false>{});
}

template Moments moments(const float*, Extent);
template Moments moments(const Bf16*, Extent);
template void affine(const float*, const float*, const float*, const float*, bool, float*, Extent);
template void affine(const Bf16*, const Bf16*, const float*, const float*, bool, Bf16*, Extent);
template GradientSums gradient_sums(const float*, const float*, const float*, const float*, Extent);
template GradientSums gradient_sums(const Bf16*, const Bf16*, const Bf16*, const float*, Extent);
template void gradient_affine(const float*, const float*, const float*, const float*, const float*, const float*,
                              float*, float*, Extent);
template void gradient_affine(const Bf16*, const Bf16*, const Bf16*, const float*, const float*, const float*, Bf16*,
                              Bf16*, Extent);

}  // namespace evaluators::kernels
