// IDX and CIFAR-10 files: what loads, and what is said about those that are damaged.
#include <catch2/catch.hpp>

#include "data_fixtures.h"
#include "search_space/errors.h"

using namespace data_fixtures;
using evaluators::DataSet;
using search_space::EnvironmentError;

namespace {

std::string idx_failure(const TemporaryDirectory& directory) {
  return message_of<EnvironmentError>([&] { load("idx:" + directory.path().string()); });
}

constexpr std::size_t record = 3073;

// Image i of a batch has label i % 10, red bytes i, green 100, blue 200.
Bytes cifar_batch(int count) {
  Bytes bytes;
  for (int i = 0; i < count; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(i % 10));
    for (int value : {i, 100, 200}) bytes.insert(bytes.end(), 1024, static_cast<std::uint8_t>(value));
  }
  return bytes;
}

void write_cifar(const TemporaryDirectory& directory) {
  for (int batch = 1; batch <= 5; ++batch)
    write_file(directory / ("data_batch_" + std::to_string(batch) + ".bin"), cifar_batch(20));
  write_file(directory / "test_batch.bin", cifar_batch(20));
  const std::string names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n";
  write_file(directory / "batches.meta.txt", Bytes(names.begin(), names.end()));
}

}  // namespace

TEST_CASE("idx files load plain and compressed", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 80, 20, 5, 12);
  const DataSet data = load("idx:" + directory.path().string());
  CHECK(data.classes() == 5);
  CHECK(data.class_names[4] == "4");
  CHECK(data.train.channels == 1);
  CHECK(data.train.height == 12);
  CHECK(data.test.size() == 20);
  CHECK(data.test.labels[7] == 2);
  CHECK(data.test.image(7)[3] == 10);
  CHECK(data.augmentation.flip == false);
}

TEST_CASE("idx class names come from class_names.txt", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 80, 20, 2);
  const std::string names = "shirt\r\ncoat\n";
  write_file(directory / "class_names.txt", Bytes(names.begin(), names.end()));
  CHECK(load("idx:" + directory.path().string()).class_names == std::vector<std::string>{"shirt", "coat"});
  write_file(directory / "class_names.txt", Bytes{'a', '\n'});
  CHECK_THAT(idx_failure(directory), Catch::Contains("class_names.txt: 1 names") && Catch::Contains("2 classes"));
}

TEST_CASE("a truncated idx file is named with the byte where it ends", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 80, 20, 5);
  Bytes images = idx_images(80, 8);
  images.resize(1000);
  write_file(directory / "train-images-idx3-ubyte", images);
  CHECK_THAT(idx_failure(directory), Catch::Contains("train-images-idx3-ubyte: byte 16") &&
                                         Catch::Contains("5120 bytes") && Catch::Contains("1000"));
  images.resize(9);
  write_file(directory / "train-images-idx3-ubyte", images);
  CHECK_THAT(idx_failure(directory), Catch::Contains("byte 9") && Catch::Contains("number of rows"));
  write_file(directory / "train-images-idx3-ubyte", {});
  CHECK_THAT(idx_failure(directory), Catch::Contains("byte 0") && Catch::Contains("magic number"));
}

TEST_CASE("a truncated or damaged gzip file is named with the byte where it ends", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 80, 20, 5);
  const std::string name = "t10k-images-idx3-ubyte.gz";
  const Bytes whole = read_file(directory / name);
  write_file(directory / name, Bytes(whole.begin(), whole.begin() + static_cast<long>(whole.size() / 2)));
  CHECK_THAT(idx_failure(directory), Catch::Contains(name + ": byte "));
  Bytes bad_checksum = whole;
  bad_checksum[bad_checksum.size() - 6] ^= 0xff;
  write_file(directory / name, bad_checksum);
  CHECK_THAT(idx_failure(directory), Catch::Contains(name) && Catch::Contains("corrupt compressed data"));
}

TEST_CASE("wrong magic numbers, counts, sizes and labels are refused", "[data]") {
  TemporaryDirectory directory;
  const auto damaged = [&](const std::string& name, Bytes bytes) {
    write_idx(directory.path(), 80, 20, 5);
    write_file(directory / name, bytes);
    return idx_failure(directory);
  };
  CHECK_THAT(damaged("train-images-idx3-ubyte", idx_labels(80, 5)),
             Catch::Contains("byte 0") && Catch::Contains("0x00000801, expected 0x00000803"));
  CHECK_THAT(damaged("train-labels-idx1-ubyte", idx_labels(79, 5)),
             Catch::Contains("79 labels") && Catch::Contains("80 images"));
  Bytes longer = idx_labels(80, 5);
  longer.push_back(0);
  CHECK_THAT(damaged("train-labels-idx1-ubyte", longer), Catch::Contains("byte 88") && Catch::Contains("goes on"));
  Bytes huge = idx_images(80, 8);
  huge[5] = 5;  // 5 * 65536 + 80 images announced
  CHECK_THAT(damaged("train-images-idx3-ubyte", huge), Catch::Contains("announces"));
  Bytes flat = idx_images(80, 8);
  flat[11] = 0;
  CHECK_THAT(damaged("train-images-idx3-ubyte", flat), Catch::Contains("images of 0x8"));
  CHECK_THAT(damaged("t10k-labels-idx1-ubyte", idx_labels(20, 7)), Catch::Contains("byte 13: label 5"));
  CHECK_THAT(damaged("t10k-images-idx3-ubyte", idx_images(20, 9)), Catch::Contains("9x9"));
}

TEST_CASE("missing directories and files are named", "[data]") {
  TemporaryDirectory directory;
  CHECK_THAT(idx_failure(directory), Catch::Contains("train-images-idx3-ubyte: no such file"));
  CHECK_THAT(message_of<EnvironmentError>([&] { load("idx:" + directory / "none"); }), Catch::Contains("none"));
  CHECK_THAT(message_of<EnvironmentError>([&] { load("cifar10:" + directory.path().string()); }),
             Catch::Contains("data_batch_1.bin"));
}

TEST_CASE("cifar10 files load with interleaved colours", "[data]") {
  TemporaryDirectory directory;
  write_cifar(directory);
  const DataSet data = load("cifar10:" + directory.path().string());
  CHECK(data.train.size() + data.validation.size() + data.probe.size() == 100);
  CHECK(data.class_names[9] == "j");
  CHECK(data.augmentation.flip);
  CHECK(data.augmentation.shift == 4);
  const std::uint8_t* image = data.test.image(13);
  CHECK(data.test.labels[13] == 3);
  for (int pixel : {0, 1023}) {
    CHECK(image[3 * pixel] == 13);
    CHECK(image[3 * pixel + 1] == 100);
    CHECK(image[3 * pixel + 2] == 200);
  }
}

TEST_CASE("damaged cifar10 files are named with the byte", "[data]") {
  TemporaryDirectory directory;
  const auto failure = [&] {
    return message_of<EnvironmentError>([&] { load("cifar10:" + directory.path().string()); });
  };
  write_cifar(directory);
  Bytes batch = cifar_batch(20);
  batch.resize(2 * record + 5);
  write_file(directory / "data_batch_3.bin", batch);
  CHECK_THAT(failure(), Catch::Contains("data_batch_3.bin: byte 6146") && Catch::Contains("multiple of 3073"));
  write_cifar(directory);
  batch = cifar_batch(20);
  batch[record] = 10;
  write_file(directory / "test_batch.bin", batch);
  CHECK_THAT(failure(), Catch::Contains("test_batch.bin: byte 3073: label 10"));
  write_cifar(directory);
  write_file(directory / "batches.meta.txt", Bytes{'a', '\n'});
  CHECK_THAT(failure(), Catch::Contains("1 class names"));
}

TEST_CASE("size resizes idx and cifar10 images", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 80, 20, 5, 28);
  const DataSet data = load("idx:" + directory.path().string() + ",size=14");
  CHECK(data.train.height == 14);
  CHECK(data.test.pixels.size() == std::size_t{20} * 14 * 14);
  write_cifar(directory);
  const DataSet larger = load("cifar10:" + directory.path().string() + ",size=48");
  CHECK(larger.train.width == 48);
  CHECK(larger.test.image(13)[3 * 24 * 48] == 13);  // constant planes stay constant
}
