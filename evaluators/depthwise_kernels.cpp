// One image at a time is spread into a float buffer in which every entering channel stands `multiplier` times, columns
// are sorted by their remainder modulo the stride, and a border of zeros is the padding. There a filter tap of a whole
// output row is one contiguous run of floats, whatever multiplier and stride: all loops below are plain vector loops.
#include "evaluators/depthwise_kernels.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "evaluators/simd.h"

namespace evaluators::kernels {

using simd::Bf16;
using simd::load;
using simd::store;

namespace {

constexpr int lanes = 16;
typedef float Vector __attribute__((vector_size(lanes * sizeof(float))));

// Where things stand in the spread image: [padded row][column % stride][column / stride][filter].
struct Layout {
  explicit Layout(const DepthwiseExtent& e)
      : filters(e.filters()),
        phase((e.width + 2 * e.padding + e.stride - 1) / e.stride * filters),
        row(phase * e.stride),
        size(row * (e.height + 2 * e.padding) + lanes),  // the last vector may reach beyond the last column
        out_row(e.out_width * filters),
        out_padded((out_row + lanes - 1) / lanes * lanes),
        period(std::lcm(filters, lanes)) {
    for (int ky = 0; ky < e.kernel; ++ky)
      for (int kx = 0; kx < e.kernel; ++kx) taps.push_back(ky * row + kx % e.stride * phase + kx / e.stride * filters);
  }

  int filters, phase, row, size;
  int out_row;     // floats of an output row
  int out_padded;  // the same, up to a whole vector
  int period;      // distance after which a vector holds the same filters again
  std::vector<int> taps;
};

// weights[tap][column * filters + filter] along a whole output row.
std::vector<float> along_row(const float* weight, const Layout& layout, int taps) {
  std::vector<float> result(std::size_t(taps) * layout.out_padded);
  for (int t = 0; t < taps; ++t)
    for (int j = 0; j < layout.out_row; ++j) result[t * layout.out_padded + j] = weight[j % layout.filters * taps + t];
  return result;
}

template <int multiplier>
struct Copies {
  template <typename T>
  static SYNTH_INLINE void spread(const T* from, float* to, int channels, int) {
    for (int c = 0; c < channels; ++c)
      for (int i = 0; i < multiplier; ++i) to[c * multiplier + i] = load(from[c]);
  }
  template <typename T>
  static SYNTH_INLINE void gather(const float* from, T* to, int channels, int) {
    for (int c = 0; c < channels; ++c) {
      float sum = 0;
      for (int i = 0; i < multiplier; ++i) sum += from[c * multiplier + i];
      store(sum, to[c]);
    }
  }
};

template <>
struct Copies<0> {  // any multiplier
  template <typename T>
  static SYNTH_INLINE void spread(const T* from, float* to, int channels, int multiplier) {
    for (int c = 0; c < channels; ++c)
      for (int i = 0; i < multiplier; ++i) to[c * multiplier + i] = load(from[c]);
  }
  template <typename T>
  static SYNTH_INLINE void gather(const float* from, T* to, int channels, int multiplier) {
    for (int c = 0; c < channels; ++c) {
      float sum = 0;
      for (int i = 0; i < multiplier; ++i) sum += from[c * multiplier + i];
      store(sum, to[c]);
    }
  }
};

template <typename T, typename Copy>
SYNTH_INLINE void spread_image(const T* x, float* image, const DepthwiseExtent& e, const Layout& layout) {
  for (int y = 0; y < e.height; ++y)
    for (int column = 0; column < e.width; ++column) {
      const int at = column + e.padding;
      float* to = image + (y + e.padding) * layout.row + at % e.stride * layout.phase + at / e.stride * layout.filters;
      Copy::spread(x + (y * e.width + column) * e.channels, to, e.channels, e.multiplier);
    }
}

template <typename T, typename Copy>
SYNTH_INLINE void gather_image(const float* image, T* gx, const DepthwiseExtent& e, const Layout& layout) {
  for (int y = 0; y < e.height; ++y)
    for (int column = 0; column < e.width; ++column) {
      const int at = column + e.padding;
      const float* from =
          image + (y + e.padding) * layout.row + at % e.stride * layout.phase + at / e.stride * layout.filters;
      Copy::gather(from, gx + (y * e.width + column) * e.channels, e.channels, e.multiplier);
    }
}

template <typename T, typename Copy, int taps>
struct Forward {
  static SYNTH_INLINE void run(const T* x, const float* weights, T* y, float* image, const DepthwiseExtent* e,
                               const Layout* layout) {
    const int count = layout->out_row, pitch = layout->out_padded;
    for (int n = 0; n < e->batch; ++n) {
      spread_image<T, Copy>(x + std::size_t(n) * e->height * e->width * e->channels, image, *e, *layout);
      for (int row = 0; row < e->out_height; ++row) {
        const float* from[taps];
        for (int t = 0; t < taps; ++t) from[t] = image + row * e->stride * layout->row + layout->taps[t];
        T* to = y + (std::size_t(n) * e->out_height + row) * count;
#pragma GCC ivdep
        for (int j = 0; j < count; ++j) {
          float sum = 0;
#pragma GCC unroll 25
          for (int t = 0; t < taps; ++t) sum += weights[t * pitch + j] * from[t][j];
          store(sum, to[j]);
        }
      }
    }
  }
};

// The gradient of the image: every tap adds its share to the run it was read from.
template <int taps>
SYNTH_INLINE void scatter_rows(const float* gradient, const float* weights, float* image, const DepthwiseExtent& e,
                               const Layout& layout) {
  for (int row = 0; row < e.out_height; ++row) {
    const float* g = gradient + row * layout.out_padded;
    for (int t = 0; t < taps; ++t) {
      const float* w = weights + t * layout.out_padded;
      float* to = image + row * e.stride * layout.row + layout.taps[t];
#pragma GCC ivdep
      for (int j = 0; j < layout.out_row; ++j) to[j] += w[j] * g[j];
    }
  }
}

// sums[tap][period]: for each block of lanes the sums of all taps stay in registers over the whole image.
template <int taps>
SYNTH_INLINE void weight_sums(const float* gradient, const float* image, float* sums, const DepthwiseExtent& e,
                              const Layout& layout) {
  for (int block = 0; block < std::min(layout.period, layout.out_padded); block += lanes) {
    Vector sum[taps];
    for (int t = 0; t < taps; ++t) std::memcpy(&sum[t], sums + t * layout.period + block, sizeof(Vector));
    for (int row = 0; row < e.out_height; ++row) {
      const float* g = gradient + row * layout.out_padded;
      const float* from = image + row * e.stride * layout.row;
      for (int j = block; j < layout.out_padded; j += layout.period) {
        Vector upstream;
        std::memcpy(&upstream, g + j, sizeof(Vector));
#pragma GCC unroll 25
        for (int t = 0; t < taps; ++t) {
          Vector value;
          std::memcpy(&value, from + layout.taps[t] + j, sizeof(Vector));
          sum[t] += value * upstream;
        }
      }
    }
    for (int t = 0; t < taps; ++t) std::memcpy(sums + t * layout.period + block, &sum[t], sizeof(Vector));
  }
}

template <typename T>
SYNTH_INLINE void widen(const T* from, float* to, int count) {
  for (int j = 0; j < count; ++j) to[j] = load(from[j]);
}

template <typename T, typename Copy, int taps>
struct Backward {
  // One image: its gradient, and `sums` increased by its part of the weights' gradient.
  static SYNTH_INLINE void run(const T* x, const float* weights, const T* gradient, T* gx, float* image, float* rows,
                               float* sums, const DepthwiseExtent* e, const Layout* layout) {
    for (int row = 0; row < e->out_height; ++row)
      widen(gradient + row * layout->out_row, rows + row * layout->out_padded, layout->out_row);
    spread_image<T, Copy>(x, image, *e, *layout);
    weight_sums<taps>(rows, image, sums, *e, *layout);
    if (!gx) return;
    std::memset(image, 0, layout->size * sizeof(float));
    scatter_rows<taps>(rows, weights, image, *e, *layout);
    gather_image<T, Copy>(image, gx, *e, *layout);
  }
};

// Borders must be zero again before the next image is spread: a gradient leaves its own values in them.
void clear_borders(float* image, const DepthwiseExtent& e, const Layout& layout) {
  if (e.padding > 0) std::fill(image, image + layout.size, 0.0f);
}

// Calls body(Copies<multiplier>) with the common multipliers as constants.
template <typename Body>
void with_multiplier(int multiplier, Body body) {
  switch (multiplier) {
    case 1:
      return body(Copies<1>{});
    case 2:
      return body(Copies<2>{});
    case 4:
      return body(Copies<4>{});
    default:
      return body(Copies<0>{});
  }
}

}  // namespace

template <typename T>
void depthwise(const T* x, const float* weight, T* y, const DepthwiseExtent& extent) {
  const Layout layout(extent);
  const auto weights = along_row(weight, layout, extent.kernel * extent.kernel);
  std::vector<float> image(layout.size);
  with_multiplier(extent.multiplier, [&](auto copy) {
    using Copy = decltype(copy);
    if (extent.kernel == 3)
      simd::run<Forward<T, Copy, 9>>(x, weights.data(), y, image.data(), &extent, &layout);
    else
      simd::run<Forward<T, Copy, 25>>(x, weights.data(), y, image.data(), &extent, &layout);
  });
}

template <typename T>
void depthwise_gradients(const T* x, const float* weight, const T* gradient, T* gx, float* gw,
                         const DepthwiseExtent& extent) {
  const Layout layout(extent);
  const int taps = extent.kernel * extent.kernel;
  const auto weights = along_row(weight, layout, taps);
  std::vector<float> image(layout.size), rows(std::size_t(extent.out_height) * layout.out_padded);
  std::vector<float> sums(std::size_t(taps) * layout.period);
  std::vector<double> total(std::size_t(taps) * layout.filters);
  const std::size_t in_size = std::size_t(extent.height) * extent.width * extent.channels;
  const std::size_t out_size = std::size_t(extent.out_height) * layout.out_row;
  for (int n = 0; n < extent.batch; ++n) {
    if (gx) clear_borders(image.data(), extent, layout);
    std::fill(sums.begin(), sums.end(), 0.0f);
    with_multiplier(extent.multiplier, [&](auto copy) {
      using Copy = decltype(copy);
      const auto call = [&](auto body) {
        simd::run<decltype(body)>(x + n * in_size, weights.data(), gradient + n * out_size,
                                  gx ? gx + n * in_size : nullptr, image.data(), rows.data(), sums.data(), &extent,
                                  &layout);
      };
      extent.kernel == 3 ? call(Backward<T, Copy, 9>{}) : call(Backward<T, Copy, 25>{});
    });
    for (int t = 0; t < taps; ++t)
      for (int j = 0; j < layout.period; ++j) total[j % layout.filters * taps + t] += sums[t * layout.period + j];
  }
  for (std::size_t i = 0; i < total.size(); ++i) gw[i] = static_cast<float>(total[i]);
}

template void depthwise(const float*, const float*, float*, const DepthwiseExtent&);
template void depthwise(const Bf16*, const float*, Bf16*, const DepthwiseExtent&);
template void depthwise_gradients(const float*, const float*, const float*, float*, float*, const DepthwiseExtent&);
template void depthwise_gradients(const Bf16*, const float*, const Bf16*, Bf16*, float*, const DepthwiseExtent&);

}  // namespace evaluators::kernels
