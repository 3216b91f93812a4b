// Splits: deterministic, disjoint, stratified; limits and statistics.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data_fixtures.h"
#include "search_space/errors.h"

using namespace data_fixtures;
using evaluators::DataSet;
using evaluators::ImageSet;

namespace {

std::map<int, int> class_counts(const ImageSet& images) {
  std::map<int, int> counts;
  for (int label : images.labels) ++counts[label];
  return counts;
}

// In write_idx every image i starts with the byte i % 251, so fewer than 251 images can be told apart.
std::multiset<int> first_bytes(const ImageSet& images) {
  std::multiset<int> bytes;
  for (int i = 0; i < images.size(); ++i) bytes.insert(*images.image(i));
  return bytes;
}

bool equal(const ImageSet& a, const ImageSet& b) {
  return a.pixels == b.pixels && a.labels == b.labels;
}

}  // namespace

TEST_CASE("splits are disjoint, complete and keep each image with its label", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 240, 40, 4);
  const DataSet data = load("idx:" + directory.path().string());
  CHECK(data.validation.size() == 24);
  CHECK(data.probe.size() == 12);
  CHECK(data.train.size() == 204);
  CHECK(data.test.size() == 40);
  std::multiset<int> all;
  for (const ImageSet* images : {&data.train, &data.validation, &data.probe}) {
    for (int byte : first_bytes(*images)) all.insert(byte);
    for (int i = 0; i < images->size(); ++i) {
      CHECK(images->labels[i] == *images->image(i) % 4);
      CHECK(images->image(i)[63] == (*images->image(i) + 63) % 251);
    }
  }
  std::multiset<int> expected;
  for (int i = 0; i < 240; ++i) expected.insert(i);
  CHECK(all == expected);
}

TEST_CASE("splits are stratified", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 240, 40, 4);
  const DataSet data = load("idx:" + directory.path().string());
  for (const auto& [label, count] : class_counts(data.validation)) CHECK(count == 6);
  for (const auto& [label, count] : class_counts(data.probe)) CHECK(count == 3);
  CHECK(class_counts(data.validation).size() == 4);
  CHECK(class_counts(data.probe).size() == 4);
}

TEST_CASE("the same seed gives the same splits, another seed others", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 240, 40, 4);
  const std::string spec = "idx:" + directory.path().string();
  const DataSet first = load(spec, 5), again = load(spec, 5), other = load(spec, 6);
  CHECK(equal(first.train, again.train));
  CHECK(equal(first.validation, again.validation));
  CHECK(equal(first.probe, again.probe));
  CHECK(first.fingerprint == again.fingerprint);
  CHECK(first.fingerprint != other.fingerprint);
  CHECK(first_bytes(first.validation) != first_bytes(other.validation));
  CHECK(equal(first.test, other.test));
}

TEST_CASE("the fingerprint tells content and augmentation apart", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 240, 40, 4);
  const std::string spec = "idx:" + directory.path().string();
  const auto before = load(spec).fingerprint;
  CHECK(before.size() == 32);
  CHECK(load(spec + ",flip=1").fingerprint != before);
  Bytes images = idx_images(240, 8);
  images.back() ^= 1;
  write_file(directory / "train-images-idx3-ubyte", images);
  CHECK(load(spec).fingerprint != before);
}

TEST_CASE("a prefix of the training split is a fair sample", "[data]") {
  const DataSet data = load("shapes");
  std::map<int, int> counts;
  for (int i = 0; i < 500; ++i) ++counts[data.train.labels[i]];
  CHECK(counts.size() == 10);
  for (const auto& [label, count] : counts) CHECK(count > 20);
}

TEST_CASE("limit takes evenly from the classes, classes takes the first ones", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 240, 40, 4);
  const std::string spec = "idx:" + directory.path().string();
  const DataSet data = load(spec + ",limit=50,classes=3");
  CHECK(data.class_names == std::vector<std::string>{"0", "1", "2"});
  CHECK(data.test.size() == 30);
  auto counts = class_counts(data.train);
  for (const ImageSet* images : {&data.validation, &data.probe})
    for (const auto& [label, count] : class_counts(*images)) counts[label] += count;
  CHECK(counts == std::map<int, int>{{0, 17}, {1, 17}, {2, 16}});
  CHECK(class_counts(data.validation) == std::map<int, int>{{0, 2}, {1, 2}, {2, 2}});
  CHECK(load(spec + ",limit=1000").train.size() == load(spec).train.size());
}

TEST_CASE("too few images of a class are refused", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 240, 40, 4);
  const std::string spec = "idx:" + directory.path().string();
  CHECK_THAT(message_of<search_space::InputError>([&] { load(spec + ",limit=12"); }),
             Catch::Contains("limit=12 is too small") && Catch::Contains("limit >= 16"));
  CHECK_NOTHROW(load(spec + ",limit=16"));
  CHECK_THAT(message_of<search_space::InputError>([&] { load(spec + ",classes=5"); }),
             Catch::Contains("the data have 4"));
  write_idx(directory.path(), 14, 40, 4);
  CHECK_THAT(message_of<search_space::EnvironmentError>([&] { load(spec); }),
             Catch::Contains("class '2' has 3 training images"));
}

TEST_CASE("mean and deviation are those of the training split", "[data]") {
  const DataSet data = load("shapes,limit=200");
  REQUIRE(data.mean.size() == 3);
  const std::size_t pixels = data.train.pixels.size() / 3;
  for (std::size_t c = 0; c < 3; ++c) {
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < pixels; ++i) mean += data.train.pixels[3 * i + c] / 255.0 / pixels;
    for (std::size_t i = 0; i < pixels; ++i)
      squares += std::pow(data.train.pixels[3 * i + c] / 255.0 - mean, 2) / pixels;
    CHECK(data.mean[c] == Approx(mean));
    CHECK(data.deviation[c] == Approx(std::sqrt(squares)));
  }
}

TEST_CASE("constant images have a positive deviation", "[data]") {
  TemporaryDirectory directory;
  write_idx(directory.path(), 40, 8, 2);
  Bytes images = idx_images(40, 8);
  std::fill(images.begin() + 16, images.end(), std::uint8_t{7});
  write_file(directory / "train-images-idx3-ubyte", images);
  CHECK(load("idx:" + directory.path().string()).deviation.at(0) > 0);
}

TEST_CASE("augmentation is set by the specification", "[data]") {
  const DataSet data = load("shapes,limit=100,flip=0,shift=5");
  CHECK_FALSE(data.augmentation.flip);
  CHECK(data.augmentation.shift == 5);
  CHECK(load("shapes,limit=100").augmentation.flip);
  CHECK_THAT(message_of<search_space::InputError>([] { load("shapes,limit=100,shift=32"); }),
             Catch::Contains("'shift' is 32"));
}
