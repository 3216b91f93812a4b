// Masks, boxes and letters on pixels.
#include "synth/report/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>

#include "evaluators/data/png_writer.h"

namespace synth::report {

using evaluators::detection::Detection;
using evaluators::detection::InstanceImage;

namespace {

using Colour = std::array<int, 3>;

constexpr int letter_width = 5, letter_height = 7;
struct Letter {
  char name;
  std::array<std::uint8_t, letter_height> rows;  // from the top; bit 4 is on the left
};
// Small letters are drawn as capitals; what is not here, as a filled square.
constexpr Letter letters[] = {{' ', {0, 0, 0, 0, 0, 0, 0}},
                              {'%', {0x19, 0x1A, 0x02, 0x04, 0x08, 0x0B, 0x13}},
                              {'-', {0, 0, 0, 0x1F, 0, 0, 0}},
                              {'_', {0, 0, 0, 0, 0, 0, 0x1F}},
                              {'.', {0, 0, 0, 0, 0, 0x0C, 0x0C}},
                              {'/', {0x01, 0x01, 0x02, 0x04, 0x08, 0x10, 0x10}},
                              {'0', {0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E}},
                              {'1', {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E}},
                              {'2', {0x0E, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1F}},
                              {'3', {0x1E, 0x01, 0x01, 0x0E, 0x01, 0x01, 0x1E}},
                              {'4', {0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02}},
                              {'5', {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E}},
                              {'6', {0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E}},
                              {'7', {0x1F, 0x01, 0x02, 0x02, 0x04, 0x04, 0x04}},
                              {'8', {0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E}},
                              {'9', {0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C}},
                              {'A', {0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11}},
                              {'B', {0x1E, 0x11, 0x11, 0x1E, 0x11, 0x11, 0x1E}},
                              {'C', {0x0F, 0x10, 0x10, 0x10, 0x10, 0x10, 0x0F}},
                              {'D', {0x1E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1E}},
                              {'E', {0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F}},
                              {'F', {0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x10}},
                              {'G', {0x0F, 0x10, 0x10, 0x13, 0x11, 0x11, 0x0F}},
                              {'H', {0x11, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11}},
                              {'I', {0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E}},
                              {'J', {0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0C}},
                              {'K', {0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11}},
                              {'L', {0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F}},
                              {'M', {0x11, 0x1B, 0x15, 0x15, 0x11, 0x11, 0x11}},
                              {'N', {0x11, 0x19, 0x19, 0x15, 0x13, 0x13, 0x11}},
                              {'O', {0x0E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E}},
                              {'P', {0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10}},
                              {'Q', {0x0E, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0D}},
                              {'R', {0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11}},
                              {'S', {0x0F, 0x10, 0x10, 0x0E, 0x01, 0x01, 0x1E}},
                              {'T', {0x1F, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04}},
                              {'U', {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E}},
                              {'V', {0x11, 0x11, 0x11, 0x11, 0x11, 0x0A, 0x04}},
                              {'W', {0x11, 0x11, 0x11, 0x15, 0x15, 0x1B, 0x11}},
                              {'X', {0x11, 0x11, 0x0A, 0x04, 0x0A, 0x11, 0x11}},
                              {'Y', {0x11, 0x11, 0x0A, 0x04, 0x04, 0x04, 0x04}},
                              {'Z', {0x1F, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1F}}};

const Letter& letter_of(char c) {
  static constexpr Letter unknown = {'?', {0, 0x1F, 0x1F, 0x1F, 0x1F, 0x1F, 0}};
  const auto capital = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto* found =
      std::find_if(std::begin(letters), std::end(letters), [&](const Letter& l) { return l.name == capital; });
  return found == std::end(letters) ? unknown : *found;
}

// Hues by steps of the golden section never come near each other soon.
Colour colour_of(int index) {
  const double hue = std::fmod(0.08 + index * 0.6180339887, 1.0) * 6;
  Colour colour = {};
  for (int c = 0; c < 3; ++c) {
    const double distance = std::fabs(std::fmod(hue - 2 * c + 6 + 3, 6.0) - 3);
    colour[c] = static_cast<int>(std::lround(255 * std::clamp(2 - distance, 0.15, 1.0)));
  }
  return colour;
}

class Canvas {
 public:
  Canvas(const InstanceImage& image, int factor)
      : factor_(factor), height_(image.height * factor), width_(image.width * factor) {
    pixels_.resize(std::size_t(height_) * width_ * 3);
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x)
        for (int c = 0; c < 3; ++c)
          at(y, x)[c] = image.pixels[(std::size_t(y / factor) * image.width + x / factor) * 3 + c];
  }

  void mask(const evaluators::detection::Mask& mask, const Colour& colour) {
    const std::vector<std::uint8_t> inside = evaluators::detection::decode_mask(mask);
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x)
        if (inside[std::size_t(y / factor_) * mask.width + x / factor_])
          for (int c = 0; c < 3; ++c) at(y, x)[c] = static_cast<std::uint8_t>((at(y, x)[c] * 11 + colour[c] * 9) / 20);
  }

  void box(const evaluators::detection::Box& box, const Colour& colour) {
    const int left = column(box.x1), right = column(box.x2), top = row(box.y1), bottom = row(box.y2);
    for (int x = left; x <= right; ++x) {
      set(top, x, colour);
      set(bottom, x, colour);
    }
    for (int y = top; y <= bottom; ++y) {
      set(y, left, colour);
      set(y, right, colour);
    }
  }

  // Above the box where there is room, else within it.
  void label(const std::string& text, const evaluators::detection::Box& box, const Colour& colour) {
    const int wide = static_cast<int>(text.size()) * (letter_width + 1) + 1, high = letter_height + 2;
    const int top = row(box.y1) >= high ? row(box.y1) - high : row(box.y1);
    const int left = std::max(0, std::min(column(box.x1), width_ - wide));
    const bool dark = colour[0] * 3 + colour[1] * 6 + colour[2] < 1300;
    const Colour ink = dark ? Colour{255, 255, 255} : Colour{0, 0, 0};
    for (int y = 0; y < high; ++y)
      for (int x = 0; x < wide; ++x) set(top + y, left + x, colour);
    for (std::size_t i = 0; i < text.size(); ++i)
      for (int y = 0; y < letter_height; ++y)
        for (int x = 0; x < letter_width; ++x)
          if (letter_of(text[i]).rows[y] >> (letter_width - 1 - x) & 1)
            set(top + 1 + y, left + 1 + static_cast<int>(i) * (letter_width + 1) + x, ink);
  }

  std::string png() const { return evaluators::png_of(pixels_.data(), height_, width_); }

 private:
  std::uint8_t* at(int y, int x) { return pixels_.data() + (std::size_t(y) * width_ + x) * 3; }
  void set(int y, int x, const Colour& colour) {
    if (y < 0 || x < 0 || y >= height_ || x >= width_) return;
    for (int c = 0; c < 3; ++c) at(y, x)[c] = static_cast<std::uint8_t>(colour[c]);
  }
  int row(double y) const { return std::clamp(static_cast<int>(std::lround(y * factor_)), 0, height_ - 1); }
  int column(double x) const { return std::clamp(static_cast<int>(std::lround(x * factor_)), 0, width_ - 1); }

  int factor_, height_, width_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace

std::string overlay_png(const InstanceImage& image, const std::vector<Detection>& detections,
                        const std::vector<std::string>& class_names) {
  constexpr int least_side = 512;
  const int factor = std::max(1, least_side / std::max({1, image.height, image.width}));
  Canvas canvas(image, factor);
  for (std::size_t i = detections.size(); i-- > 0;) canvas.mask(detections[i].mask, colour_of(static_cast<int>(i)));
  for (std::size_t i = detections.size(); i-- > 0;) {
    const Detection& one = detections[i];
    const Colour colour = colour_of(static_cast<int>(i));
    const auto percent = static_cast<int>(std::floor(100 * one.score));
    canvas.box(one.box, colour);
    canvas.label(class_names.size() == 1 ? fmt::format("{}", percent)
                                         : fmt::format("{} {}%", class_names[one.category].substr(0, 24), percent),
                 one.box, colour);
  }
  return canvas.png();
}

}  // namespace synth::report
