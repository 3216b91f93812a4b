// Depthwise convolution's loops at every level of the processor, against float64.
#include "evaluators/depthwise_kernels.h"
#include "kernels/levels.h"

using namespace kernel_tests;
using namespace evaluators::kernels;

namespace {

// A sum in float64 and what float32 may make of it.
struct Sum {
  double value = 0, size = 0;
  void add(double term) { value += term, size += std::abs(term); }
};

DepthwiseExtent extent(int kernel, int stride, int channels, int multiplier, int size) {
  DepthwiseExtent e;
  e.batch = 2, e.channels = channels, e.multiplier = multiplier, e.height = size, e.width = size + 1;
  e.kernel = kernel, e.stride = stride, e.padding = kernel / 2;
  e.out_height = (e.height + 2 * e.padding - kernel) / stride + 1;
  e.out_width = (e.width + 2 * e.padding - kernel) / stride + 1;
  return e;
}

// Calls body(input, weight, output) with the places of every product of the convolution.
template <typename Body>
void products(const DepthwiseExtent& e, Body body) {
  const int taps = e.kernel * e.kernel;
  for (int n = 0; n < e.batch; ++n)
    for (int oy = 0; oy < e.out_height; ++oy)
      for (int ox = 0; ox < e.out_width; ++ox)
        for (int f = 0; f < e.filters(); ++f)
          for (int t = 0; t < taps; ++t) {
            const int y = oy * e.stride + t / e.kernel - e.padding, x = ox * e.stride + t % e.kernel - e.padding;
            if (y < 0 || y >= e.height || x < 0 || x >= e.width) continue;
            body(((n * e.height + y) * e.width + x) * e.channels + f / e.multiplier, f * taps + t,
                 ((n * e.out_height + oy) * e.out_width + ox) * e.filters() + f);
          }
}

template <typename T>
void see_all(Worst& worst, const Guarded<T>& found, const std::vector<Sum>& sums, int terms) {
  for (std::size_t i = 0; i < sums.size(); ++i)
    worst.see(found[i], sums[i].value, (terms + 2) * unit * sums[i].size + stored<T> * std::abs(sums[i].value));
}

template <typename T>
void check(const DepthwiseExtent& e) {
  const int taps = e.kernel * e.kernel;
  std::vector<Sum> ys(e.batch * e.out_height * e.out_width * e.filters()), gws(e.filters() * taps),
      gxs(e.batch * e.height * e.width * e.channels);
  auto x = drawn<T>(gxs.size(), 1), gradient = drawn<T>(ys.size(), 2);
  auto weight = drawn<float>(gws.size(), 3);
  products(e, [&](int in, int w, int out) {
    ys[out].add(x[in] * weight[w]);
    gws[w].add(x[in] * gradient[out]);
    gxs[in].add(weight[w] * gradient[out]);
  });
  Guarded<T> y(ys.size()), gx(gxs.size());
  Guarded<float> gw(gws.size()), gw_alone(gws.size());
  depthwise(x.data(), weight.data(), y.data(), e);
  depthwise_gradients(x.data(), weight.data(), gradient.data(), gx.data(), gw.data(), e);
  depthwise_gradients<T>(x.data(), weight.data(), gradient.data(), nullptr, gw_alone.data(), e);
  Worst worst;
  see_all(worst, y, ys, taps);
  see_all(worst, gx, gxs, taps * e.multiplier);
  see_all(worst, gw, gws, e.out_height * e.out_width);
  see_all(worst, gw_alone, gws, e.out_height * e.out_width);
  CHECK(worst.part <= 1);
  CHECK((y.intact() && gx.intact() && gw.intact() && gw_alone.intact()));
}

}  // namespace

TEMPLATE_TEST_CASE("depthwise loops agree with float64 at every level", "[kernels]", float, Bf16) {
  at_every_level(sizeof(TestType) == 2 ? "depthwise, bf16" : "depthwise, float32", [] {
    for (const int kernel : {3, 5})
      for (const int stride : {1, 2})
        for (const int multiplier : {1, 2, 3, 4})
          for (const int channels : {1, 2, 3, 5, 8, 16, 17, 24, 40})
            for (const int size : {1, 2, 7}) {
              INFO("kernel " << kernel << ", stride " << stride << ", " << channels << " channels x " << multiplier
                             << ", size " << size << 'x' << size + 1);
              check<TestType>(extent(kernel, stride, channels, multiplier, size));
            }
  });
}
