// Photographs from phones lie on their side in the file: the orientation puts them upright.
#include "evaluators/data/exif.h"

#include <catch2/catch.hpp>

#include "data_fixtures.h"

using namespace data_fixtures;
using evaluators::DecodedImage;
using evaluators::exif_orientation;

namespace {

// Two rows of three pixels, numbered 0 to 5.
DecodedImage numbered() {
  DecodedImage image{2, 3, {}};
  for (std::uint8_t pixel = 0; pixel < 6; ++pixel) image.pixels.insert(image.pixels.end(), 3, pixel);
  return image;
}

Bytes numbers(const DecodedImage& image) {
  Bytes result;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) result.push_back(image.pixels[i]);
  return result;
}

// APP1 contents with one entry, in either byte order.
Bytes segment(std::uint8_t orientation, bool little) {
  Bytes bytes = {'E', 'x', 'i', 'f', 0, 0};
  const Bytes big_tail = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0};
  const Bytes little_tail = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0};
  const Bytes& tail = little ? little_tail : big_tail;
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

}  // namespace

TEST_CASE("images are turned and mirrored as the orientation says", "[data]") {
  const auto upright = [](int orientation) {
    DecodedImage image = numbered();
    evaluators::set_upright(image, orientation);
    CHECK(image.height == (orientation < 5 ? 2 : 3));
    CHECK(image.width == (orientation < 5 ? 3 : 2));
    return numbers(image);
  };
  CHECK(upright(1) == Bytes{0, 1, 2, 3, 4, 5});
  CHECK(upright(2) == Bytes{2, 1, 0, 5, 4, 3});
  CHECK(upright(3) == Bytes{5, 4, 3, 2, 1, 0});
  CHECK(upright(4) == Bytes{3, 4, 5, 0, 1, 2});
  CHECK(upright(5) == Bytes{0, 3, 1, 4, 2, 5});
  CHECK(upright(6) == Bytes{3, 0, 4, 1, 5, 2});
  CHECK(upright(7) == Bytes{5, 2, 4, 1, 3, 0});
  CHECK(upright(8) == Bytes{2, 5, 1, 4, 0, 3});
}

TEST_CASE("the orientation is found in either byte order, and damage is upright", "[data]") {
  for (const bool little : {false, true})
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      Bytes bytes = segment(orientation, little);
      CHECK(exif_orientation(bytes.data(), bytes.size()) == orientation);
      for (std::size_t cut = 0; cut + 4 < bytes.size(); ++cut) CHECK(exif_orientation(bytes.data(), cut) == 1);
    }
  const Bytes wrong = segment(9, true);
  CHECK(exif_orientation(wrong.data(), wrong.size()) == 1);
}

TEST_CASE("a photograph that lies on its side is read upright", "[data]") {
  TemporaryDirectory directory;
  Bytes pixels;  // left half red, right half blue
  for (int i = 0; i < 16 * 32; ++i) {
    const Bytes colour = i % 32 < 16 ? Bytes{220, 0, 0} : Bytes{0, 0, 220};
    pixels.insert(pixels.end(), colour.begin(), colour.end());
  }
  Bytes file = jpeg(pixels, 16, 32, 3);
  const Bytes exif = segment(6, false);
  const auto length = static_cast<std::uint8_t>(exif.size() + 2);
  Bytes marker = {0xff, 0xe1, 0, length};
  marker.insert(marker.end(), exif.begin(), exif.end());
  file.insert(file.begin() + 2, marker.begin(), marker.end());
  write_file(directory / "a.jpg", file);
  const DecodedImage image = evaluators::read_image(directory / "a.jpg", 0);
  REQUIRE(image.height == 32);
  REQUIRE(image.width == 16);
  CHECK(image.pixels[0] > 150);  // turned clockwise: what was left is above
  CHECK(image.pixels[3 * (31 * 16)] < 60);
}
