// Run lengths against pixels, COCO's compressed text against known strings, and polygons against worked cases.
#include "evaluators/data/masks.h"

#include <catch2/catch.hpp>
#include <string>

#include "search_space/errors.h"
#include "search_space/random.h"

using namespace evaluators::detection;
using search_space::InputError;
using search_space::Random;

namespace {

using Pixels = std::vector<std::uint8_t>;

Pixels random_pixels(int height, int width, double density, Random& random) {
  Pixels pixels(std::size_t(height) * width);
  for (auto& pixel : pixels) pixel = random.uniform() < density;
  return pixels;
}

// Rows of '#' and '.'.
Pixels picture(const std::vector<std::string>& rows) {
  Pixels pixels;
  for (const auto& row : rows)
    for (const char c : row) pixels.push_back(c == '#');
  return pixels;
}

std::string message(const std::string& text, int height, int width) {
  try {
    decompressed(text, height, width);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("masks survive run lengths, and their compressed text", "[detection][masks]") {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const int height = 1 + random.below(40), width = 1 + random.below(40);
    const Pixels pixels = random_pixels(height, width, random.below(5) / 4.0, random);
    const Mask mask = encode_mask(pixels.data(), height, width);
    CHECK(decode_mask(mask) == pixels);
    CHECK(decompressed(compressed(mask), height, width) == mask);
    CHECK(mask_of_counts({mask.runs.begin(), mask.runs.end()}, height, width) == mask);
    CHECK(mask_area(mask) == std::count(pixels.begin(), pixels.end(), 1));
  }
}

TEST_CASE("runs go down the columns, outside first", "[detection][masks]") {
  const Pixels pixels = picture({"##.", ".#."});
  const Mask mask = encode_mask(pixels.data(), 2, 3);
  CHECK(mask.runs == std::vector<std::uint32_t>{0, 1, 1, 2, 2});
  CHECK(mask_box(mask) == Box{0, 0, 2, 2});
  // Digits by hand: 0, 1, 1 plain, then 2 - 1 and 2 - 1.
  CHECK(compressed(mask) == "01111");
  // 400 = 16 + 12 * 32: digit 16 with more to come ('0' + 48), then 12. A difference of -3 is one digit, 29.
  CHECK(compressed({20, 21, {400, 5, 3, 2, 10}}) == "`<53M7");
  CHECK(decompressed("`<53M7", 20, 21).runs == std::vector<std::uint32_t>{400, 5, 3, 2, 10});
}

TEST_CASE("empty runs join their neighbours", "[detection][masks]") {
  CHECK(mask_of_counts({1, 0, 2, 1, 0, 2}, 2, 3).runs == std::vector<std::uint32_t>{3, 3});
  CHECK(mask_box(mask_of_counts({6}, 2, 3)) == Box{});
  CHECK(mask_area(mask_of_counts({6, 0}, 2, 3)) == 0);
}

TEST_CASE("run lengths that do not fit are refused", "[detection][masks]") {
  CHECK_THROWS_AS(mask_of_counts({3, 2}, 2, 3), InputError);
  CHECK_THROWS_AS(mask_of_counts({3, 4}, 2, 3), InputError);
  CHECK_THROWS_AS(mask_of_counts({-1, 7}, 2, 3), InputError);
  CHECK_THROWS_AS(mask_of_counts({INT64_MAX, INT64_MAX, 8}, 2, 3), InputError);
  CHECK_THROWS_AS(mask_of_counts({}, 2, 3), InputError);
  CHECK(message("0", 2, 3) == "the run lengths sum to 0, but the mask is 3x2, which has 6 pixels");
  CHECK(message("", 2, 3) != "");
  CHECK(message("6`", 2, 3) == "compressed run lengths: byte 2 of 2: the last number is not complete");
  CHECK(message("6 ", 2, 3) == "compressed run lengths: byte 1 of 2: allowed are the characters '0' to 'o'");
  CHECK(message(std::string(100, 'o'), 2, 3).find("longer than 32 bits") != std::string::npos);
  CHECK(message("oooooo1", 2, 3) != "");  // a bomb: a run of 2^30 and more
  CHECK(message("@", 2, 3) != "");        // -16
}

TEST_CASE("no text crashes the reader of compressed masks", "[detection][masks]") {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (int length = random.below(12); length > 0; --length) text += static_cast<char>('0' + random.below(64));
    const int height = 1 + random.below(4), width = 1 + random.below(4);
    try {
      const Mask mask = decompressed(text, height, width);
      CHECK(decode_mask(mask).size() == std::size_t(height) * width);
    } catch (const InputError&) {
    }
  }
}

TEST_CASE("shared areas, unions and boxes are those of the pixels", "[detection][masks]") {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const int height = 1 + random.below(20), width = 1 + random.below(20);
    const Pixels a = random_pixels(height, width, random.uniform(), random);
    const Pixels b = random_pixels(height, width, 0.3 * random.uniform(), random);
    const Mask first = encode_mask(a.data(), height, width), second = encode_mask(b.data(), height, width);
    Pixels either(a.size());
    std::int64_t both = 0;
    int left = width, right = 0, top = height, bottom = 0;
    for (int p = 0; p < height * width; ++p) {
      either[p] = a[p] | b[p];
      both += a[p] & b[p];
      if (b[p] == 0) continue;
      left = std::min(left, p % width);
      right = std::max(right, p % width + 1);
      top = std::min(top, p / width);
      bottom = std::max(bottom, p / width + 1);
    }
    CHECK(shared_area(first, second) == both);
    CHECK(joined({first, second}) == encode_mask(either.data(), height, width));
    const Box box = right == 0 ? Box{} : Box{double(left), double(top), double(right), double(bottom)};
    CHECK(mask_box(second) == box);
  }
}

TEST_CASE("a polygon covers the pixels whose centres it holds", "[detection][masks]") {
  const auto drawn = [](const std::vector<double>& polygon) { return decode_mask(rasterised(polygon, 4, 5)); };
  CHECK(drawn({1, 1, 4, 1, 4, 3, 1, 3}) == picture({".....", ".###.", ".###.", "....."}));
  CHECK(drawn({1, 3, 4, 3, 4, 1, 1, 1}) == picture({".....", ".###.", ".###.", "....."}));  // the other way round
  CHECK(drawn({0, 0, 4, 0, 0, 4}) == picture({"###..", "##...", "#....", "....."}));
  CHECK(drawn({-100, -100, 100, -100, 100, 100, -100, 100}) == Pixels(20, 1));
  // Two squares of one figure: even-odd.
  CHECK(drawn({0, 0, 5, 0, 5, 4, 0, 4, 0, 0, 1, 1, 1, 3, 4, 3, 4, 1, 1, 1}) ==
        picture({"#####", "#...#", "#...#", "#####"}));
  for (const std::vector<double>& empty : {std::vector<double>{},
                                           {2, 2},
                                           {0, 0, 5, 4},
                                           {1, 1, 1, 3, 1, 2},
                                           {50, 50, 60, 50, 60, 60},
                                           {1e300, 1e300, -1e300, 1e300}})
    CHECK(drawn(empty) == Pixels(20, 0));
}
