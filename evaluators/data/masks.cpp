// Run lengths: making, reading, writing and comparing.
#include "evaluators/data/masks.h"

#include <algorithm>
#include <cmath>

#include "search_space/errors.h"

namespace evaluators::detection {

using search_space::InputError;

namespace {

// Appends pixels to a mask, in its order.
class Writer {
 public:
  Writer(int height, int width) : mask_{height, width, {0}} {}
  void add(bool inside, std::uint32_t length) {
    if (length == 0) return;
    if (inside != inside_) {
      mask_.runs.push_back(0);
      inside_ = inside;
    }
    mask_.runs.back() += length;
  }
  Mask finish() && { return std::move(mask_); }

 private:
  Mask mask_;
  bool inside_ = false;
};

std::int64_t pixels_of(int height, int width) {
  return std::int64_t{height} * width;
}

[[noreturn]] void wrong_sum(std::int64_t sum, int height, int width) {
  throw InputError("the run lengths sum to " + std::to_string(sum) + ", but the mask is " + std::to_string(width) +
                   "x" + std::to_string(height) + ", which has " + std::to_string(pixels_of(height, width)) +
                   " pixels");
}

// Calls visit(length, first inside, second inside) for the pieces into which both masks' runs cut the image.
template <typename Visit>
void for_each_piece(const Mask& first, const Mask& second, Visit visit) {
  std::size_t i = 0, j = 0;
  std::uint32_t a = first.runs.empty() ? 0 : first.runs[0], b = second.runs.empty() ? 0 : second.runs[0];
  while (i < first.runs.size() && j < second.runs.size()) {
    const std::uint32_t length = std::min(a, b);
    if (length > 0) visit(length, i % 2 == 1, j % 2 == 1);
    a -= length;
    b -= length;
    if (a == 0 && ++i < first.runs.size()) a = first.runs[i];
    if (b == 0 && ++j < second.runs.size()) b = second.runs[j];
  }
}

}  // namespace

Mask encode_mask(const std::uint8_t* pixels, int height, int width) {
  Writer writer(height, width);
  for (int x = 0; x < width; ++x)
    for (int y = 0; y < height; ++y) writer.add(pixels[std::size_t(y) * width + x] != 0, 1);
  return std::move(writer).finish();
}

std::vector<std::uint8_t> decode_mask(const Mask& mask) {
  std::vector<std::uint8_t> pixels(pixels_of(mask.height, mask.width), 0);
  std::int64_t position = 0;
  for (std::size_t run = 0; run < mask.runs.size(); ++run) {
    const std::int64_t end = position + mask.runs[run];
    for (; run % 2 == 1 && position < end; ++position)
      pixels[position % mask.height * mask.width + position / mask.height] = 1;
    position = end;
  }
  return pixels;
}

Mask mask_of_counts(const std::vector<std::int64_t>& counts, int height, int width) {
  Writer writer(height, width);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] < 0) throw InputError("run length " + std::to_string(i) + " is " + std::to_string(counts[i]));
    if (counts[i] > pixels_of(height, width) - sum)
      wrong_sum(sum + std::min(counts[i], INT64_MAX - sum), height, width);
    sum += counts[i];
    writer.add(i % 2 == 1, static_cast<std::uint32_t>(counts[i]));
  }
  if (sum != pixels_of(height, width)) wrong_sum(sum, height, width);
  return std::move(writer).finish();
}

std::string compressed(const Mask& mask) {
  std::string text;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) {
    std::int64_t value = mask.runs[i];
    if (i > 2) value -= mask.runs[i - 2];
    for (bool more = true; more;) {
      const auto digit = static_cast<int>(value & 31);
      value >>= 5;
      more = (digit & 16) != 0 ? value != -1 : value != 0;
      text += static_cast<char>('0' + digit + (more ? 32 : 0));
    }
  }
  return text;
}

Mask decompressed(const std::string& text, int height, int width) {
  constexpr int longest = 7;  // digits of a 32-bit number
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < text.size();) {
    std::int64_t value = 0;
    int digits = 0;
    for (bool more = true; more; ++digits, ++i) {
      const int digit = i < text.size() ? text[i] - '0' : -1;
      if (digit < 0 || digit > 63 || digits == longest)
        throw InputError("compressed run lengths: byte " + std::to_string(i) + " of " + std::to_string(text.size()) +
                         (i == text.size()    ? ": the last number is not complete"
                          : digits == longest ? ": the number is longer than 32 bits"
                                              : ": allowed are the characters '0' to 'o'"));
      more = (digit & 32) != 0;
      value |= std::int64_t{digit & 31} << (5 * digits);
      if (!more && (digit & 16) != 0) value |= -(std::int64_t{1} << (5 * (digits + 1)));
    }
    if (counts.size() > 2) value += counts[counts.size() - 2];
    counts.push_back(value);
  }
  return mask_of_counts(counts, height, width);
}

namespace {

// Where the polygon's edges cross the middle of each column.
std::vector<std::vector<double>> crossings_of(const std::vector<double>& polygon, int width) {
  std::vector<std::vector<double>> crossings(width);
  const std::size_t corners = polygon.size() / 2;
  const auto column_at = [&](double x) { return static_cast<int>(std::ceil(std::clamp(x - 0.5, 0.0, double(width)))); };
  for (std::size_t i = 0; i < corners; ++i) {
    const std::size_t next = (i + 1) % corners;
    const double x1 = polygon[2 * i], y1 = polygon[2 * i + 1], x2 = polygon[2 * next], y2 = polygon[2 * next + 1];
    const int last = column_at(std::max(x1, x2));
    for (int column = column_at(std::min(x1, x2)); column < last; ++column)
      crossings[column].push_back(y1 + (column + 0.5 - x1) / (x2 - x1) * (y2 - y1));
  }
  return crossings;
}

}  // namespace

Mask rasterised(const std::vector<double>& polygon, int height, int width) {
  Writer writer(height, width);
  for (std::vector<double>& crossings : crossings_of(polygon, width)) {
    std::sort(crossings.begin(), crossings.end());
    int row = 0;
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      // The first row whose centre is at or below a crossing.
      const auto row_at = [&](double y) {
        return static_cast<int>(std::ceil(std::clamp(y - 0.5, 0.0, double(height))));
      };
      const int first = std::max(row, row_at(crossings[i])), last = std::max(first, row_at(crossings[i + 1]));
      writer.add(false, first - row);
      writer.add(true, last - first);
      row = last;
    }
    writer.add(false, height - row);
  }
  return std::move(writer).finish();
}

std::int64_t mask_area(const Mask& mask) {
  std::int64_t area = 0;
  for (std::size_t run = 1; run < mask.runs.size(); run += 2) area += mask.runs[run];
  return area;
}

Box mask_box(const Mask& mask) {
  std::int64_t left = mask.width, right = -1, top = mask.height, bottom = -1, position = 0;
  for (std::size_t run = 0; run < mask.runs.size(); ++run) {
    const std::int64_t end = position + mask.runs[run];
    if (run % 2 == 1) {
      const std::int64_t first = position / mask.height, last = (end - 1) / mask.height;
      left = std::min(left, first);
      right = std::max(right, last);
      top = first < last ? 0 : std::min(top, position % mask.height);
      bottom = first < last ? mask.height - 1 : std::max(bottom, (end - 1) % mask.height);
    }
    position = end;
  }
  if (right < 0) return {};
  return {double(left), double(top), double(right + 1), double(bottom + 1)};
}

std::int64_t shared_area(const Mask& first, const Mask& second) {
  std::int64_t area = 0;
  for_each_piece(first, second, [&](std::uint32_t length, bool a, bool b) { area += a && b ? length : 0; });
  return area;
}

Mask joined(const std::vector<Mask>& masks) {
  Mask result = masks.front();
  for (std::size_t i = 1; i < masks.size(); ++i) {
    Writer writer(result.height, result.width);
    for_each_piece(result, masks[i], [&](std::uint32_t length, bool a, bool b) { writer.add(a || b, length); });
    result = std::move(writer).finish();
  }
  return result;
}

}  // namespace evaluators::detection
