// RoIAlign as one node of LibTorch's autograd graph; loops run over channels innermost.
#include "evaluators/detection/roi_align.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "search_space/errors.h"

namespace evaluators::detection {

using torch::Tensor;

namespace {

struct Extent {
  int channels = 0, height = 0, width = 0;
};

// A bilinear sample: four pixels and their weights; none where it lies more than a pixel outside.
struct Sample {
  std::array<std::int64_t, 4> pixel = {};
  std::array<float, 4> weight = {};
};

// Along one axis: the two neighbours of a position and the share of the upper one.
bool neighbours(float position, int size, int& low, int& high, float& share) {
  if (position < -1 || position > static_cast<float>(size)) return false;
  position = std::max(position, 0.0f);
  low = static_cast<int>(position);
  if (low >= size - 1) {
    low = high = size - 1;
    share = 0;
  } else {
    high = low + 1;
    share = position - static_cast<float>(low);
  }
  return true;
}

bool sample_at(float y, float x, const Extent& extent, Sample& sample) {
  int top = 0, bottom = 0, left = 0, right = 0;
  float down = 0, across = 0;
  if (!neighbours(y, extent.height, top, bottom, down) || !neighbours(x, extent.width, left, right, across))
    return false;
  const auto pixel = [&](int row, int column) { return std::int64_t{row} * extent.width + column; };
  sample.pixel = {pixel(top, left), pixel(top, right), pixel(bottom, left), pixel(bottom, right)};
  sample.weight = {(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across};
  return true;
}

// Calls visit(bin, sample, share) for every sample of a region; a bin's value is the sum of share x sample.
template <typename Visit>
void for_each_sample(const float* region, const RoiAlign& align, float scale, const Extent& extent, Visit visit) {
  const float left = region[1] * scale, top = region[2] * scale;
  const float width = std::max(region[3] * scale - left, 1.0f), height = std::max(region[4] * scale - top, 1.0f);
  const float bin_width = width / static_cast<float>(align.side), bin_height = height / static_cast<float>(align.side);
  const int rows = align.sampling > 0 ? align.sampling : static_cast<int>(std::ceil(bin_height));
  const int columns = align.sampling > 0 ? align.sampling : static_cast<int>(std::ceil(bin_width));
  const float share = 1 / static_cast<float>(std::max(rows * columns, 1));
  Sample sample;
  for (int bin = 0; bin < align.side * align.side; ++bin) {
    const auto y0 = top + static_cast<float>(bin / align.side) * bin_height;
    const auto x0 = left + static_cast<float>(bin % align.side) * bin_width;
    for (int i = 0; i < rows; ++i) {
      const float y = y0 + (static_cast<float>(i) + 0.5f) * bin_height / static_cast<float>(rows);
      for (int j = 0; j < columns; ++j) {
        const float x = x0 + (static_cast<float>(j) + 0.5f) * bin_width / static_cast<float>(columns);
        if (sample_at(y, x, extent, sample)) visit(bin, sample, share);
      }
    }
  }
}

Extent extent_of(const std::vector<std::int64_t>& sizes) {
  return {static_cast<int>(sizes[1]), static_cast<int>(sizes[2]), static_cast<int>(sizes[3])};
}

Tensor empty_channels_last(std::vector<std::int64_t> sizes) {
  return at::zeros({sizes[0], sizes[2], sizes[3], sizes[1]}).permute({0, 3, 1, 2});
}

Tensor pooled(const Tensor& features, const Tensor& regions, const RoiAlign& align, float scale) {
  const Extent extent = extent_of(features.sizes().vec());
  const std::int64_t count = regions.size(0), bins = std::int64_t{align.side} * align.side;
  const std::int64_t image = std::int64_t{extent.channels} * extent.height * extent.width;
  Tensor result = empty_channels_last({count, extent.channels, align.side, align.side});
  const float *in = features.data_ptr<float>(), *region = regions.data_ptr<float>();
  float* out = result.data_ptr<float>();
  for (std::int64_t r = 0; r < count; ++r) {
    const float* map = in + static_cast<std::int64_t>(region[5 * r]) * image;
    for_each_sample(region + 5 * r, align, scale, extent, [&](int bin, const Sample& sample, float share) {
      float* target = out + (r * bins + bin) * extent.channels;
      for (int corner = 0; corner < 4; ++corner) {
        const float weight = share * sample.weight[corner];
        const float* source = map + sample.pixel[corner] * extent.channels;
        for (int c = 0; c < extent.channels; ++c) target[c] += weight * source[c];
      }
    });
  }
  return result;
}

Tensor spread(const Tensor& gradient, const Tensor& regions, const std::vector<std::int64_t>& sizes,
              const RoiAlign& align, float scale) {
  const Extent extent = extent_of(sizes);
  const std::int64_t count = regions.size(0), bins = std::int64_t{align.side} * align.side;
  const std::int64_t image = std::int64_t{extent.channels} * extent.height * extent.width;
  Tensor result = empty_channels_last(sizes);
  const float *in = gradient.data_ptr<float>(), *region = regions.data_ptr<float>();
  float* out = result.data_ptr<float>();
  for (std::int64_t r = 0; r < count; ++r) {
    float* map = out + static_cast<std::int64_t>(region[5 * r]) * image;
    for_each_sample(region + 5 * r, align, scale, extent, [&](int bin, const Sample& sample, float share) {
      const float* source = in + (r * bins + bin) * extent.channels;
      for (int corner = 0; corner < 4; ++corner) {
        const float weight = share * sample.weight[corner];
        float* target = map + sample.pixel[corner] * extent.channels;
        for (int c = 0; c < extent.channels; ++c) target[c] += weight * source[c];
      }
    });
  }
  return result;
}

class RoiAlignFunction : public torch::autograd::Function<RoiAlignFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& features, const Tensor& regions,
                        std::int64_t side, std::int64_t sampling, double scale) {
    const Tensor x = features.contiguous(at::MemoryFormat::ChannelsLast), rows = regions.detach().contiguous();
    context->saved_data["side"] = side;
    context->saved_data["sampling"] = sampling;
    context->saved_data["scale"] = scale;
    context->saved_data["sizes"] = x.sizes().vec();
    context->save_for_backward({rows});
    return pooled(x, rows, {static_cast<int>(side), static_cast<int>(sampling)}, static_cast<float>(scale));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto& saved = context->saved_data;
    const RoiAlign align{static_cast<int>(saved.at("side").toInt()), static_cast<int>(saved.at("sampling").toInt())};
    const Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    return {spread(gradient, context->get_saved_variables()[0], saved.at("sizes").toIntVector(), align,
                   static_cast<float>(saved.at("scale").toDouble())),
            Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

void check_regions(const Tensor& features, const Tensor& regions) {
  if (regions.size(0) == 0) return;
  const Tensor image = regions.select(1, 0);
  if (!at::isfinite(regions).all().item<bool>() || image.min().item<float>() < 0 ||
      image.max().item<float>() >= static_cast<float>(features.size(0)))
    throw search_space::InputError(
        "RoIAlign: a region has coordinates that are not finite, or is of an image beyond "
        "the batch's " +
        std::to_string(features.size(0)));
}

}  // namespace

Tensor RoiAlign::operator()(const Tensor& features, const Tensor& regions, double scale) const {
  check_regions(features, regions);
  return RoiAlignFunction::apply(features.to(torch::kFloat32), regions.to(torch::kFloat32),
                                 static_cast<std::int64_t>(side), static_cast<std::int64_t>(sampling), scale);
}

Tensor level_of(const Tensor& boxes, int finest_stride, int levels) {
  constexpr double canonical_side = 224, canonical_stride = 16, tolerance = 1e-6;
  const double first = std::log2(canonical_stride / finest_stride);  // index of the canonical level
  const Tensor side = at::sqrt((boxes.select(1, 2) - boxes.select(1, 0)) * (boxes.select(1, 3) - boxes.select(1, 1)));
  return at::floor(first + at::log2(side / canonical_side) + tolerance).clamp(0, levels - 1).to(torch::kInt64);
}

Tensor align_from_pyramid(const std::vector<Tensor>& features, const std::vector<Tensor>& boxes, int finest_stride,
                          const RoiAlign& align) {
  std::vector<Tensor> rows;
  for (std::size_t i = 0; i < boxes.size(); ++i)
    rows.push_back(at::cat({at::full({boxes[i].size(0), 1}, static_cast<double>(i)), boxes[i]}, 1));
  const Tensor regions = at::cat(rows),
               levels = level_of(at::cat(boxes), finest_stride, static_cast<int>(features.size()));
  std::vector<Tensor> parts, places;
  for (std::size_t level = 0; level < features.size(); ++level) {
    places.push_back(levels.eq(static_cast<std::int64_t>(level)).nonzero().squeeze(1));
    parts.push_back(align(features[level], regions.index_select(0, places.back()), 1.0 / (finest_stride << level)));
  }
  return at::cat(parts).index_select(0, at::cat(places).argsort());
}

}  // namespace evaluators::detection
