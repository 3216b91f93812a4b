// The published data sets, where they are at hand.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include "data_fixtures.h"

using data_fixtures::load;

namespace {

// Empty, with a warning, where the data are absent.
std::string data_directory(const std::string& name) {
  const char* chosen = std::getenv("SYNTH_TEST_DATA");
  const std::string directory =
      (chosen ? std::string(chosen) : std::string(SYNTH_SOURCE_DIR "/../shared/data")) + "/" + name;
  if (std::filesystem::is_directory(directory)) return directory;
  WARN("skipped: " << directory << " is absent (set SYNTH_TEST_DATA to the folder that holds " << name << ")");
  return "";
}

}  // namespace

TEST_CASE("Fashion-MNIST loads as published", "[data]") {
  const std::string directory = data_directory("fashion-mnist");
  if (directory.empty()) {
    SUCCEED();
    return;
  }
  const auto data = load("idx:" + directory);
  CHECK(data.train.size() == 54488);
  CHECK(data.validation.size() == 5000);
  CHECK(data.probe.size() == 512);
  CHECK(data.test.size() == 10000);
  CHECK(data.train.height == 28);
  CHECK(data.mean.at(0) == Approx(0.2860).margin(0.001));  // as widely published
  CHECK(data.deviation.at(0) == Approx(0.3530).margin(0.001));
  CHECK(data.test.labels.at(0) == 9);
}

TEST_CASE("Tiny-ImageNet-50 loads, grey files expanded", "[data]") {
  const std::string directory = data_directory("tiny-imagenet-50");
  if (directory.empty()) {
    SUCCEED();
    return;
  }
  const auto data = load("imagefolder:" + directory + ",limit=4000");
  CHECK(data.classes() == 50);
  CHECK(data.train.channels == 3);
  CHECK(data.train.height == 64);
  CHECK(data.test.size() == 2500);
  int grey = 0;
  for (int i = 0; i < data.test.size(); ++i) {
    const auto* image = data.test.image(i);
    bool equal = true;
    for (std::size_t p = 0; p < data.test.image_bytes() && equal; p += 3)
      equal = image[p] == image[p + 1] && image[p] == image[p + 2];
    grey += equal;
  }
  CHECK(grey > 20);
  CHECK(grey < 200);
}
