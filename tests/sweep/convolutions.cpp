// Every kind of convolution that a space can express.
#include <fmt/format.h>

#include <array>

#include "evaluators/convolution.h"
#include "sweep.h"

namespace sweep {

using at::Tensor;

namespace {

struct Shape {
  int in = 1, out = 1, groups = 1, kernel = 1, stride = 1, size = 1;
};

constexpr int batch = 3;
constexpr std::array widths = {1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 20, 31, 32, 33, 40, 64, 96};
constexpr std::array sizes = {1, 2, 5, 8};

void compare_convolution(const Shape& s, const Variant& variant) {
  const std::int64_t stride = s.stride, padding = s.kernel / 2, groups = s.groups;
  Case tested;
  tested.shape = fmt::format("convolution {}x{} stride {} groups {} from {} to {} channels, {}x{}", s.kernel, s.kernel,
                             s.stride, s.groups, s.in, s.out, s.size, s.size + 1);
  tested.inputs = {drawn({batch, s.in, s.size, s.size + 1}, variant),
                   drawn({s.out, s.in / s.groups, s.kernel, s.kernel}, variant), drawn({s.out}, variant)};
  tested.reference = [=](const std::vector<Tensor>& t) {
    return at::conv2d(t[0], t[1], t[2], stride, at::IntArrayRef(padding), 1, groups);
  };
  tested.tested = [=](const std::vector<Tensor>& t) {
    return evaluators::convolution(t[0], t[1], t[2], {s.stride, static_cast<int>(padding), s.groups});
  };
  compare(tested, variant);
}

// Every number of channels up to 40 meets a few others, and every two of `widths` meet.
void dense(int kernel, int stride, const Variant& variant) {
  for (const int size : sizes) {
    for (const int in : widths)
      for (const int out : widths) compare_convolution({in, out, 1, kernel, stride, size}, variant);
    for (int channels = 1; channels <= 40; ++channels) {
      compare_convolution({channels, 20, 1, kernel, stride, size}, variant);
      compare_convolution({20, channels, 1, kernel, stride, size}, variant);
    }
  }
}

void grouped(int kernel, int stride, const Variant& variant) {
  for (const int size : sizes)
    for (const int groups : {2, 3, 4, 8, 16})
      for (const int in : {1, 2, 3, 4, 5, 8, 12})
        for (const int out : {1, 2, 4, 7, 8}) {
          if (in * groups > 96 || out * groups > 96) continue;
          compare_convolution({in * groups, out * groups, groups, kernel, stride, size}, variant);
        }
}

void depthwise(int kernel, int stride, const Variant& variant) {
  for (const int size : sizes)
    for (const int multiplier : {1, 2, 3, 4})
      for (int channels = 1; channels <= 42; ++channels) {
        const int in = channels <= 40 ? channels : channels == 41 ? 64 : 96;
        compare_convolution({in, in * multiplier, in, kernel, stride, size}, variant);
      }
}

}  // namespace

void convolutions(int kernel, int stride, const std::string& grouping, const Variant& variant) {
  if (grouping == "dense") dense(kernel, stride, variant);
  if (grouping == "grouped") grouped(kernel, stride, variant);
  if (grouping == "depthwise") depthwise(kernel, stride, variant);
}

}  // namespace sweep
