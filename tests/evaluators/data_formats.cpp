// Image files other than JPEG and PNG, heads that announce too much, and folders with corrupt files.
#include <png.h>
#include <sys/stat.h>
#include <webp/encode.h>

#include <catch2/catch.hpp>

#include <cstdlib>

#include "data_fixtures.h"
#include "evaluators/data/image_codec.h"
#include "search_space/errors.h"

using namespace data_fixtures;
using evaluators::DataSet;
using evaluators::DecodedImage;
using search_space::EnvironmentError;
using search_space::InputError;

namespace {

DecodedImage decoded(const Bytes& file) {
  return evaluators::decode_image("file", file, 0);
}

std::string failure(const Bytes& file) {
  return message_of<EnvironmentError>([&] { decoded(file); });
}

Bytes webp(const Bytes& rgba, int height, int width) {
  std::uint8_t* output = nullptr;
  const std::size_t size = WebPEncodeLosslessRGBA(rgba.data(), width, height, 4 * width, &output);
  Bytes result(output, output + size);
  WebPFree(output);
  return result;
}

void append(Bytes& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

// 24 bits a pixel, rows from below, each padded to four bytes.
Bytes bmp(const Bytes& rgb, int height, int width) {
  const int row = (3 * width + 3) / 4 * 4;
  Bytes file = {'B', 'M'};
  for (const int number : {54 + row * height, 0, 54, 40, width, height}) append(file, number, 4);
  append(file, 1, 2);
  append(file, 24, 2);
  for (const int number : {0, row * height, 2835, 2835, 0, 0}) append(file, number, 4);
  for (int y = height - 1; y >= 0; --y)
    for (int i = 0; i < row; ++i) {
      const int pixel = i / 3, channel = 2 - i % 3;
      file.push_back(pixel < width ? rgb[3 * (y * width + pixel) + channel] : 0);
    }
  return file;
}

// One red pixel.
Bytes gif() {
  return {'G', 'I',  'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 255,  0, 0, 0,   0,
          0,   0x2c, 0,   0,   0,   0,   1, 0, 1, 0, 0,    2, 2, 0x44, 1, 0, 0x3b};
}

Bytes png_head_of(std::uint32_t width, std::uint32_t height) {
  Bytes pixels(3 * 8 * 8);
  Bytes file = png(pixels, 8, 8, PNG_COLOR_TYPE_RGB, 8);
  for (int i = 0; i < 4; ++i) {
    file[16 + i] = static_cast<std::uint8_t>(width >> (8 * (3 - i)));
    file[20 + i] = static_cast<std::uint8_t>(height >> (8 * (3 - i)));
  }
  unsigned crc = 0xffffffff;  // of the chunk's name and content
  for (int i = 12; i < 29; ++i) {
    crc ^= file[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  for (int i = 0; i < 4; ++i) file[29 + i] = static_cast<std::uint8_t>(~crc >> (8 * (3 - i)));
  return file;
}

// Twenty images of each of two classes.
void write_folder(const TemporaryDirectory& directory) {
  for (const char* name : {"apple", "pear"})
    for (int i = 0; i < 20; ++i) {
      const Bytes pixels(3 * 8 * 8, static_cast<std::uint8_t>(i + (name[0] == 'a' ? 0 : 100)));
      write_file(directory / (std::string(name) + "/" + std::to_string(i) + ".png"),
                 png(pixels, 8, 8, PNG_COLOR_TYPE_RGB, 8));
    }
}

std::string spec(const TemporaryDirectory& directory) {
  return "imagefolder:" + directory.path().string();
}

}  // namespace

TEST_CASE("webp, bmp and gif files decode to RGB, what is transparent over white", "[data]") {
  const DecodedImage clear = decoded(webp({10, 20, 30, 255, 40, 50, 60, 0, 200, 100, 0, 255}, 1, 3));
  CHECK(clear.height == 1);
  CHECK(clear.width == 3);
  CHECK(clear.pixels == Bytes{10, 20, 30, 255, 255, 255, 200, 100, 0});
  const Bytes pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  const DecodedImage bitmap = decoded(bmp(pixels, 2, 3));
  CHECK(bitmap.height == 2);
  CHECK(bitmap.width == 3);
  CHECK(bitmap.pixels == pixels);
  CHECK(decoded(gif()).pixels == Bytes{255, 0, 0});
}

TEST_CASE("damaged webp, bmp and gif files are named", "[data]") {
  Bytes noise;
  for (int i = 0; i < 4 * 32 * 32; ++i) noise.push_back(static_cast<std::uint8_t>(i * i % 251));
  Bytes half = webp(noise, 32, 32);
  half.resize(half.size() / 2);
  CHECK_THAT(failure(half), Catch::StartsWith("file: corrupt WebP"));
  half.resize(14);
  CHECK_THAT(failure(half), Catch::StartsWith("file: corrupt WebP"));
  Bytes head = bmp({1, 2, 3}, 1, 1);
  head.resize(20);
  CHECK_THAT(failure(head), Catch::StartsWith("file: corrupt or unusual BMP"));
  head = gif();
  head.resize(15);
  CHECK_THAT(failure(head), Catch::StartsWith("file: corrupt or unusual GIF"));
  Bytes huge = bmp({1, 2, 3}, 1, 1);
  huge[20] = 1;  // 65537 wide
  CHECK_THAT(failure(huge), Catch::Contains("65537x1; allowed: 1 to 16384 a side"));
}

TEST_CASE("a head that announces more than its file can hold takes no memory", "[data]") {
  CHECK_THAT(failure(png_head_of(10000, 10000)), Catch::Contains("bytes cannot hold 10000x10000 pixels"));
  CHECK_THAT(failure(png_head_of(16384, 16384)), Catch::Contains("134 million pixels"));
}

TEST_CASE("inks of a JPEG without Adobe's marker are not inverted", "[data]") {
  Bytes inks;
  for (int i = 0; i < 8 * 8; ++i) inks.insert(inks.end(), {55, 155, 205, 0});
  const DecodedImage image = decoded(jpeg(inks, 8, 8, 4, /*adobe=*/false));
  for (int c = 0; c < 3; ++c) CHECK(std::abs(int{image.pixels[c]} - (std::vector<int>{200, 100, 50})[c]) <= 3);
}

TEST_CASE("corrupt images end the reading, or are counted, named and left out", "[data]") {
  TemporaryDirectory directory;
  write_folder(directory);
  const std::string whole = load(spec(directory)).fingerprint;
  write_file(directory / "apple/broken.png", {1, 2, 3});
  CHECK_THAT(message_of<EnvironmentError>([&] { load(spec(directory)); }), Catch::Contains("apple/broken.png"));
  const DataSet one = load(spec(directory) + ",skip_corrupt=1");
  CHECK(one.train.size() + one.validation.size() + one.probe.size() + one.test.size() == 40);
  REQUIRE_FALSE(one.notes.empty());
  CHECK_THAT(one.notes.back(),
             Catch::Contains("left out 1 corrupt image file: ") && Catch::Contains("apple/broken.png"));
  CHECK(load(spec(directory) + ",skip_corrupt=1").fingerprint == one.fingerprint);
  for (int i = 0; i < 12; ++i) write_file(directory / ("pear/x" + std::to_string(i) + ".png"), {1, 2, 3});
  const DataSet many = load(spec(directory) + ",skip_corrupt=1");
  CHECK_THAT(many.notes.back(), Catch::Contains("left out 13 corrupt image files: ") && Catch::EndsWith("; ..."));
  CHECK_THAT(many.notes.back(), !Catch::Contains("x9.png"));
  CHECK(many.train.size() + many.validation.size() + many.probe.size() + many.test.size() == 40);
  CHECK(many.fingerprint != whole);  // the split differs: it is over the files that are there
  CHECK_THAT(message_of<InputError>([&] { load("shapes,skip_corrupt=1"); }), Catch::Contains("imagefolder alone"));
}

TEST_CASE("a folder of corrupt images alone says so", "[data]") {
  TemporaryDirectory directory;
  for (const char* name : {"apple", "pear"})
    for (int i = 0; i < 9; ++i)
      write_file(directory / (std::string(name) + "/" + std::to_string(i) + ".gif"), {'G', 'I', 'F', '8', 0});
  CHECK_THAT(message_of<EnvironmentError>([&] { load(spec(directory) + ",skip_corrupt=1"); }),
             Catch::Contains("corrupt or unusual GIF"));
}

TEST_CASE("pipes in the place of data files are refused", "[data]") {
  TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "train-images-idx3-ubyte").c_str(), 0600) == 0);
  CHECK_THAT(message_of<EnvironmentError>([&] { load("idx:" + directory.path().string()); }),
             Catch::Contains("train-images-idx3-ubyte: not a regular file"));
  REQUIRE(::mkfifo((directory / "data_batch_1.bin").c_str(), 0600) == 0);
  CHECK_THAT(message_of<EnvironmentError>([&] { load("cifar10:" + directory.path().string()); }),
             Catch::Contains("data_batch_1.bin: not a regular file"));
}

TEST_CASE("names of folders are shown without their control characters", "[data]") {
  const std::string hostile = "idx:/nowhere/\x1b[31mred\n";
  const std::string message = message_of<EnvironmentError>([&] { load(hostile); });
  CHECK_THAT(message, Catch::Contains("\\x1b[31mred\\x0a"));
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}
