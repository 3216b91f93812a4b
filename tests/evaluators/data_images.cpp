// Image folders: JPEG and PNG variants, resizing, and damaged or missing files.
#include <png.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>

#include "data_fixtures.h"
#include "evaluators/data/image_codec.h"
#include "evaluators/data/loading.h"
#include "search_space/errors.h"

using namespace data_fixtures;
using evaluators::DataSet;
using evaluators::DecodedImage;
using evaluators::read_image;
using search_space::EnvironmentError;
using search_space::InputError;

namespace {

Bytes plain(int height, int width, const Bytes& pixel) {
  Bytes pixels;
  for (int i = 0; i < height * width; ++i) pixels.insert(pixels.end(), pixel.begin(), pixel.end());
  return pixels;
}

bool near(const DecodedImage& image, const Bytes& colour, int tolerance) {
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    if (std::abs(int{image.pixels[i]} - int{colour[i % 3]}) > tolerance) return false;
  return !image.pixels.empty();
}

// Two classes: reddish "apple" as JPEG, greenish "pear" as PNG.
void write_folder(const TemporaryDirectory& directory, const std::string& part, int per_class, int side = 16) {
  for (int i = 0; i < per_class; ++i) {
    const auto value = static_cast<std::uint8_t>(100 + i);
    write_file(directory / (part + "/apple/" + std::to_string(i) + ".JPEG"),
               jpeg(plain(side, side, {value, 0, 0}), side, side, 3));
    write_file(directory / (part + "/pear/" + std::to_string(i) + ".png"),
               png(plain(side, side, {0, value, 0}), side, side, PNG_COLOR_TYPE_RGB, 8));
  }
}

std::string spec(const TemporaryDirectory& directory) {
  return "imagefolder:" + directory.path().string();
}

}  // namespace

TEST_CASE("jpeg files decode to RGB, grey ones expanded", "[data]") {
  TemporaryDirectory directory;
  const std::string path = directory / "a.jpg";
  write_file(path, jpeg(plain(10, 14, {200, 30, 90}), 10, 14, 3));
  const DecodedImage colour = read_image(path, 0);
  CHECK(colour.height == 10);
  CHECK(colour.width == 14);
  CHECK(near(colour, {200, 30, 90}, 3));
  write_file(path, jpeg(plain(10, 14, {77}), 10, 14, 1));
  const DecodedImage grey = read_image(path, 0);
  CHECK(grey.pixels.size() == std::size_t{3} * 10 * 14);
  CHECK(near(grey, {77, 77, 77}, 1));
  write_file(path, jpeg(plain(10, 14, {200, 100, 50, 255}), 10, 14, 4));  // inverted inks: no black
  CHECK(near(read_image(path, 0), {200, 100, 50}, 3));
}

TEST_CASE("large jpeg files decode reduced, never below what is asked for", "[data]") {
  TemporaryDirectory directory;
  const std::string path = directory / "a.jpg";
  write_file(path, jpeg(plain(100, 200, {50, 60, 70}), 100, 200, 3));
  CHECK(read_image(path, 24).height == 25);
  CHECK(read_image(path, 26).height == 50);
  CHECK(read_image(path, 64).height == 100);
  CHECK(near(read_image(path, 24), {50, 60, 70}, 3));
}

TEST_CASE("png variants decode to 8-bit RGB", "[data]") {
  TemporaryDirectory directory;
  const std::string path = directory / "a.png";
  const auto decoded = [&](const Bytes& file) {
    write_file(path, file);
    return read_image(path, 0);
  };
  CHECK(near(decoded(png(plain(5, 6, {9, 8, 7}), 5, 6, PNG_COLOR_TYPE_RGB, 8)), {9, 8, 7}, 0));
  CHECK(near(decoded(png(plain(5, 6, {90}), 5, 6, PNG_COLOR_TYPE_GRAY, 8)), {90, 90, 90}, 0));
  CHECK(near(decoded(png(plain(5, 1, {0xff}), 5, 8, PNG_COLOR_TYPE_GRAY, 1)), {255, 255, 255}, 0));
  CHECK(near(decoded(png(plain(5, 6, {1}), 5, 6, PNG_COLOR_TYPE_PALETTE, 8, {1, 2, 3, 40, 50, 60})), {40, 50, 60}, 0));
  CHECK(near(decoded(png(plain(5, 6, {80, 10, 160, 20, 240, 30}), 5, 6, PNG_COLOR_TYPE_RGB, 16)), {80, 160, 240}, 1));
  CHECK(near(decoded(png(plain(5, 6, {10, 20, 30, 255}), 5, 6, PNG_COLOR_TYPE_RGB_ALPHA, 8)), {10, 20, 30}, 0));
  CHECK(near(decoded(png(plain(5, 6, {10, 20, 30, 0}), 5, 6, PNG_COLOR_TYPE_RGB_ALPHA, 8)), {255, 255, 255}, 0));
  CHECK(near(decoded(png(plain(5, 6, {90, 255}), 5, 6, PNG_COLOR_TYPE_GRAY_ALPHA, 8)), {90, 90, 90}, 0));
}

TEST_CASE("damaged image files are named", "[data]") {
  TemporaryDirectory directory;
  const std::string path = directory / "a.jpg";
  const auto failure = [&](const Bytes& file) {
    write_file(path, file);
    return message_of<EnvironmentError>([&] { read_image(path, 0); });
  };
  Bytes pixels;
  for (int i = 0; i < 32 * 32 * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(i * i % 253));
  const Bytes good = jpeg(pixels, 32, 32, 3);
  CHECK_THAT(failure(Bytes(good.begin(), good.begin() + static_cast<long>(good.size() / 2))),
             Catch::Contains(path + ": corrupt JPEG near byte"));
  CHECK_THAT(failure(Bytes(good.begin(), good.begin() + 20)), Catch::Contains("corrupt JPEG"));
  const Bytes good_png = png(pixels, 32, 32, PNG_COLOR_TYPE_RGB, 8);
  CHECK_THAT(failure(Bytes(good_png.begin(), good_png.begin() + static_cast<long>(good_png.size() / 2))),
             Catch::Contains(path + ": corrupt PNG"));
  Bytes flipped = good_png;
  flipped[flipped.size() / 2] ^= 0x55;
  CHECK_THAT(failure(flipped), Catch::Contains("corrupt PNG"));
  CHECK_THAT(failure({'P', '6', ' ', '8', '9', 'a'}), Catch::Contains("none of JPEG, PNG, WebP, BMP and GIF"));
  CHECK_THAT(failure({}), Catch::Contains("0 bytes"));
  CHECK_THAT(message_of<EnvironmentError>([&] { read_image(directory / "none.png", 0); }), Catch::Contains("none.png"));
}

TEST_CASE("an image folder loads, val being the test split", "[data]") {
  TemporaryDirectory directory;
  write_folder(directory, "train", 20);
  write_folder(directory, "val", 3);
  write_file(directory / "train/apple/notes.txt", {'x'});
  const DataSet data = load(spec(directory));
  CHECK(data.class_names == std::vector<std::string>{"apple", "pear"});
  CHECK(data.train.size() + data.validation.size() + data.probe.size() == 40);
  CHECK(data.test.size() == 6);
  CHECK(data.train.height == 16);
  for (int i = 0; i < data.train.size(); ++i) CHECK(data.train.image(i)[data.train.labels[i]] > 90);
  CHECK(data.fingerprint == load(spec(directory)).fingerprint);
}

TEST_CASE("without val a tenth is split off as test, by seed", "[data]") {
  TemporaryDirectory directory;
  write_folder(directory, "train", 30);
  const DataSet data = load(spec(directory), 1);
  CHECK(data.test.size() == 6);
  CHECK(data.train.size() + data.validation.size() + data.probe.size() == 54);
  CHECK(load(spec(directory), 1).test.pixels == data.test.pixels);
  CHECK(load(spec(directory), 2).test.pixels != data.test.pixels);
}

TEST_CASE("images of different sizes need a size", "[data]") {
  TemporaryDirectory directory;
  write_folder(directory, "train", 20);
  write_folder(directory, "val", 3);
  write_file(directory / "train/pear/odd.png", png(plain(24, 40, {0, 99, 0}), 24, 40, PNG_COLOR_TYPE_RGB, 8));
  CHECK_THAT(message_of<InputError>([&] { load(spec(directory)); }),
             Catch::Contains("40x24") && Catch::Contains("16x16") && Catch::Contains(",size=16"));
  const DataSet data = load(spec(directory) + ",size=12");
  CHECK(data.train.height == 12);
  CHECK(data.train.width == 12);
}

TEST_CASE("image folders that do not fit together are refused", "[data]") {
  TemporaryDirectory directory;
  const auto failure = [&] { return message_of<EnvironmentError>([&] { load(spec(directory)); }); };
  CHECK_THAT(failure(), Catch::Contains("train"));
  std::filesystem::create_directories(directory / "train");
  CHECK_THAT(failure(), Catch::Contains("class folders"));
  write_folder(directory, "train", 20);
  write_folder(directory, "val", 3);
  std::filesystem::create_directories(directory / "val/plum");
  CHECK_THAT(failure(), Catch::Contains("plum") && Catch::Contains("3 classes in val, 2 in train"));
  std::filesystem::remove_all(directory / "val/plum");
  std::filesystem::create_directories(directory / "train/plum");
  CHECK_THAT(failure(), Catch::Contains("plum: missing"));
  std::filesystem::create_directories(directory / "val/plum");
  CHECK_THAT(failure(), Catch::Contains("plum") && Catch::Contains("no file that ends in .jpg, .jpeg, .png, .webp, .bmp or .gif"));
  std::filesystem::remove_all(directory / "train/plum");
  std::filesystem::remove_all(directory / "val/plum");
  Bytes half = read_file(directory / "train/apple/7.JPEG");
  half.resize(half.size() / 2);
  write_file(directory / "train/apple/7.JPEG", half);
  CHECK_THAT(failure(), Catch::Contains("train/apple/7.JPEG: corrupt JPEG"));
}

TEST_CASE("limit leaves files unread", "[data]") {
  TemporaryDirectory directory;
  write_folder(directory, "train", 20);
  write_folder(directory, "val", 3);
  write_file(directory / "train/pear/broken.png", {1, 2, 3});
  int loaded = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    loaded += message_of<EnvironmentError>([&] { load(spec(directory) + ",limit=8", seed); }).empty();
  CHECK(loaded >= 5);  // 4 of 21 pears are read: the broken one in about a fifth of the seeds
  CHECK(loaded < 10);
}

TEST_CASE("resizing keeps the mean, crops the centre and does not alias", "[data]") {
  Bytes checker;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) checker.push_back((x + y) % 2 ? 255 : 0);
  Bytes small(16 * 16);
  evaluators::resize_and_crop(checker.data(), 1, 64, 64, 16, small.data());
  for (std::uint8_t value : small) CHECK(std::abs(int{value} - 128) <= 2);

  Bytes bands;  // 10 x 30: left third 0, middle third 100, right third 200
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 30; ++x) bands.push_back(static_cast<std::uint8_t>(x / 10 * 100));
  Bytes centre(10 * 10);
  evaluators::resize_and_crop(bands.data(), 1, 10, 30, 10, centre.data());
  CHECK(centre == Bytes(100, 100));
}
