// Binary masks as run lengths, in COCO's form; free of LibTorch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace evaluators::detection {

// Corners in pixels; the right and lower edges are outside.
struct Box {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  double area() const { return (x2 - x1) * (y2 - y1); }
  bool operator==(const Box&) const = default;
};

// Runs down the columns, from left to right, outside and inside in turn, outside first (perhaps 0 long). Lengths sum to
// height x width, and only the first may be 0.
struct Mask {
  int height = 0, width = 0;
  std::vector<std::uint32_t> runs;
  bool operator==(const Mask&) const = default;
};

// pixels: height x width, row by row; inside where not 0.
Mask encode_mask(const std::uint8_t* pixels, int height, int width);
std::vector<std::uint8_t> decode_mask(const Mask& mask);  // 0 or 1, row by row

// From counts as files hold them: InputError where they do not sum to height x width or one is negative.
Mask mask_of_counts(const std::vector<std::int64_t>& counts, int height, int width);
// COCO's compressed text: differences to the last but one run, in base 32. InputError where the text is malformed or
// its runs do not sum to height x width; takes no more memory than the text is long.
std::string compressed(const Mask& mask);
Mask decompressed(const std::string& text, int height, int width);

// Pixels whose centres are inside the closed polygon (x, y, x, y, ..., all finite; even-odd rule), cut to the image.
Mask rasterised(const std::vector<double>& polygon, int height, int width);

std::int64_t mask_area(const Mask& mask);
Box mask_box(const Mask& mask);  // the smallest that holds it; all 0 where it is empty
// Of masks of one size.
std::int64_t shared_area(const Mask& first, const Mask& second);
Mask joined(const std::vector<Mask>& masks);  // at least one

}  // namespace evaluators::detection
