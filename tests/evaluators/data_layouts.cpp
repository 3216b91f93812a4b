// Image folders as people lay them out: parts by name, classes alone, and files that are none.
#include <png.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "data_fixtures.h"
#include "search_space/errors.h"

using namespace data_fixtures;
using evaluators::DataSet;
using search_space::EnvironmentError;

namespace {

constexpr int side = 8;

// `count` images of the class, all of one colour: the red of the image says which part it is in.
void write_class(const TemporaryDirectory& directory, const std::string& folder, int count, std::uint8_t red) {
  Bytes pixels;
  for (int i = 0; i < side * side; ++i) pixels.insert(pixels.end(), {red, 0, 0});
  for (int i = 0; i < count; ++i)
    write_file(directory / (folder + "/" + std::to_string(i) + ".png"), png(pixels, side, side, PNG_COLOR_TYPE_RGB, 8));
}

void write_part(const TemporaryDirectory& directory, const std::string& part, int per_class, std::uint8_t red) {
  for (const char* name : {"apple", "pear"})
    write_class(directory, (part.empty() ? "" : part + "/") + name, per_class, red);
}

std::string spec(const TemporaryDirectory& directory) {
  return "imagefolder:" + directory.path().string();
}

std::string failure(const TemporaryDirectory& directory) {
  return message_of<EnvironmentError>([&] { load(spec(directory)); });
}

bool all_red(const evaluators::ImageSet& images, std::uint8_t red) {
  for (int i = 0; i < images.size(); ++i)
    if (images.image(i)[0] != red) return false;
  return images.size() > 0;
}

}  // namespace

TEST_CASE("the parts of an image folder are what their names say", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "train", 20, 10);
  const std::string name = GENERATE("val", "valid", "validation");
  write_part(directory, name, 4, 20);
  SECTION("validation alone is the test part") {
    const DataSet data = load(spec(directory));
    CHECK(all_red(data.test, 20));
    CHECK(all_red(data.validation, 10));
    REQUIRE(data.notes.size() == 1);
    CHECK_THAT(data.notes.front(), Catch::Contains(name + "/ is the test part"));
  }
  SECTION("with a test part it is the validation part") {
    write_part(directory, "test", 5, 30);
    const DataSet data = load(spec(directory));
    CHECK(all_red(data.validation, 20));
    CHECK(data.validation.size() == 8);
    CHECK(all_red(data.test, 30));
    CHECK(all_red(data.train, 10));
    CHECK(all_red(data.probe, 10));
    CHECK(data.train.size() + data.probe.size() == 40);
  }
  SECTION("two names of one part are refused") {
    write_part(directory, name == "val" ? "valid" : "val", 4, 20);
    CHECK_THAT(failure(directory), Catch::Contains("both") && Catch::Contains(name + "/"));
  }
}

TEST_CASE("a test part beside training alone is not mixed into training", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "train", 20, 10);
  write_part(directory, "test", 4, 30);
  const DataSet data = load(spec(directory));
  CHECK(all_red(data.test, 30));
  CHECK(all_red(data.validation, 10));
  write_class(directory, "test/plum", 3, 30);
  CHECK_THAT(failure(directory), Catch::Contains("test/plum") && Catch::Contains("no such class in train"));
}

TEST_CASE("class folders without parts are taken and split", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "", 30, 10);
  const DataSet data = load(spec(directory));
  CHECK(data.class_names == std::vector<std::string>{"apple", "pear"});
  CHECK(data.test.size() == 6);
  CHECK(data.train.size() + data.validation.size() + data.probe.size() == 54);
  CHECK_THAT(data.notes.front(), Catch::Contains("split off by the seed"));
}

TEST_CASE("a layout that cannot be understood is refused", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "val", 4, 20);
  CHECK_THAT(failure(directory), Catch::Contains("val/") && Catch::Contains("no train/"));
  TemporaryDirectory other;
  write_class(other, "apple", 9, 1);
  std::filesystem::create_directories(other / "empty");
  CHECK_THAT(failure(other), Catch::Contains("class folders"));
}

TEST_CASE("an image that is no regular file is named, not waited for", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "train", 20, 10);
  REQUIRE(::mkfifo((directory / "train/pear/x.png").c_str(), 0600) == 0);
  CHECK_THAT(failure(directory), Catch::Contains("train/pear/x.png") && Catch::Contains("not a regular file"));
  std::filesystem::remove(directory / "train/pear/x.png");
  std::filesystem::create_symlink(directory / "train/pear/0.png", directory / "train/pear/x.png");
  CHECK(failure(directory).empty());
}

TEST_CASE("names from outside reach no terminal raw", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "train", 20, 10);
  write_file(directory / "train/pear/a\n\x1b[31m.png", {1, 2, 3});
  CHECK_THAT(failure(directory), Catch::Contains("a\\x0a\\x1b[31m.png") && !Catch::Contains("\x1b"));
  CHECK(search_space::printable("für \u732b") == "für \u732b");
  CHECK(search_space::printable("\x7f\xff\xc2\x85") == "\\x7f\\xff\\xc2\\x85");
}

TEST_CASE("files of other kinds are counted by ending", "[data]") {
  TemporaryDirectory directory;
  write_part(directory, "train", 20, 10);
  write_file(directory / "train/pear/a.TIFF", {1});
  write_file(directory / "train/pear/b.tiff", {1});
  write_file(directory / "train/apple/README", {1});
  const DataSet data = load(spec(directory));
  REQUIRE(data.notes.size() == 2);
  CHECK_THAT(data.notes.back(), Catch::Contains("2 of .tiff") && Catch::Contains("1 without an ending"));
}
