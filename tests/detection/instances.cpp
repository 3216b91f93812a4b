// Images with objects: the embedded set, folders with maps of instances, COCO's annotations, and what is wrong with
// them.
#include "evaluators/data/instances.h"

#include <png.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../evaluators/data_fixtures.h"
#include "search_space/errors.h"

using namespace evaluators::detection;
using Catch::Contains;
using data_fixtures::Bytes;
using data_fixtures::message_of;
using data_fixtures::TemporaryDirectory;
using data_fixtures::write_file;
using nlohmann::json;
using search_space::EnvironmentError;
using search_space::InputError;

namespace {

InstanceData load(const std::string& spec, std::uint64_t seed = 1) {
  return load_instances(evaluators::parse_data_spec(spec), seed);
}

std::string failure(const std::string& spec) {
  return message_of<EnvironmentError>([&] { load(spec); });
}

void write_text(const std::string& path, const std::string& text) {
  write_file(path, Bytes(text.begin(), text.end()));
}

// A 16-bit map, values row by row.
Bytes label_png(const std::vector<int>& labels, int height, int width) {
  Bytes samples;
  for (const int label : labels) {
    samples.push_back(static_cast<std::uint8_t>(label >> 8));
    samples.push_back(static_cast<std::uint8_t>(label));
  }
  return data_fixtures::png(samples, height, width, PNG_COLOR_TYPE_GRAY, 16);
}

Bytes grey_png(int height, int width) {
  return data_fixtures::png(Bytes(std::size_t(height) * width * 3, 90), height, width, PNG_COLOR_TYPE_RGB, 8);
}

// Five images 6 x 4 with the objects 1 (2 pixels) and 700 (3 pixels): three to train on, two for the test.
void write_folder(const TemporaryDirectory& directory) {
  for (const std::string name : {"a", "b", "c", "d", "e"}) {
    write_file(directory / ("images/" + name + ".png"), grey_png(4, 6));
    write_file(directory / ("instances/" + name + ".png"),
               label_png({0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 700, 0, 0, 0, 0, 700, 700, 0}, 4, 6));
  }
  write_text(directory / "train.txt", "a\nb\r\n\nc\n");
  write_text(directory / "val.txt", "d\ne");
}

json annotation(int id, int image, int category, std::vector<double> box, json segmentation) {
  return {{"id", id},
          {"image_id", image},
          {"category_id", category},
          {"bbox", std::move(box)},
          {"segmentation", std::move(segmentation)},
          {"area", 4.0},
          {"iscrowd", 0}};
}

// Four images 8 x 6 (width x height), categories 3 and 90.
json document() {
  json result = {{"images", json::array()},
                 {"annotations", json::array()},
                 {"categories", {{{"id", 90}, {"name", "tree"}}, {{"id", 3}, {"name", "car"}}}}};
  for (int i = 0; i < 4; ++i)
    result["images"].push_back(
        {{"id", 10 + i}, {"file_name", std::to_string(i) + ".png"}, {"height", 6}, {"width", 8}});
  result["annotations"] = {annotation(1, 10, 90, {1, 1, 3, 2}, {{1, 1, 4, 1, 4, 3, 1, 3}}),
                           annotation(2, 11, 3, {0, 0, 1, 6}, {{"size", {6, 8}}, {"counts", {0, 6, 42}}}),
                           annotation(3, 11, 90, {0, 0, 1, 6}, {{"size", {6, 8}}, {"counts", "06Z1"}})};
  return result;
}

void write_coco(const TemporaryDirectory& directory, const json& train) {
  for (int i = 0; i < 4; ++i) write_file(directory / ("train2017/" + std::to_string(i) + ".png"), grey_png(6, 8));
  write_text(directory / "annotations/instances_train2017.json", train.dump());
}

// What is said where one place of the document is another value.
std::string coco_failure(const std::string& pointer, const json& value) {
  const TemporaryDirectory directory;
  json changed = document();
  changed[json::json_pointer(pointer)] = value;
  write_coco(directory, changed);
  return failure("coco:" + directory.path().string());
}

const InstanceImage& image_named(const InstanceData& data, const std::string& name) {
  for (const InstanceImages* part : {&data.train, &data.validation, &data.test})
    for (const InstanceImage& image : *part)
      if (image.name == name) return image;
  throw std::logic_error("no image " + name);
}

// What every loaded image must hold.
void check_laws(const InstanceData& data) {
  for (const InstanceImages* part : {&data.train, &data.validation, &data.test})
    for (const InstanceImage& image : *part) {
      CHECK(image.pixels.size() == std::size_t(image.height) * image.width * 3);
      for (const Instance& one : image.instances) {
        CHECK((one.mask.height == image.height && one.mask.width == image.width && mask_area(one.mask) > 0));
        CHECK((one.box.x1 >= 0 && one.box.y1 >= 0 && one.box.x2 <= image.width && one.box.y2 <= image.height));
        CHECK((one.box.x1 < one.box.x2 && one.box.y1 < one.box.y2));
        CHECK((one.category >= 0 && one.category < data.classes()));
      }
    }
}

}  // namespace

TEST_CASE("shapes-detection: several objects with exact masks, the same every time", "[detection][instances]") {
  const InstanceData data = load("shapes-detection,limit=200");
  CHECK(data.train.size() == 180);
  CHECK(data.validation.size() == 20);
  CHECK(data.test.size() == 300);
  CHECK(data.classes() == 5);
  check_laws(data);
  std::vector<int> per_class(5, 0);
  std::size_t objects = 0;
  for (const InstanceImage& image : data.test) {
    CHECK((image.height == 96 && image.width == 96));
    CHECK((image.instances.size() >= 1 && image.instances.size() <= 6));
    std::vector<Mask> masks;
    std::int64_t area = 0;
    for (const Instance& one : image.instances) {
      ++per_class[one.category];
      masks.push_back(one.mask);
      area += mask_area(one.mask);
      CHECK(mask_box(one.mask) == one.box);
      CHECK(mask_area(one.mask) >= 40);  // enough to be seen
    }
    CHECK(mask_area(joined(masks)) == area);  // nothing belongs to two
    objects += image.instances.size();
  }
  CHECK(objects > 700);
  for (const int count : per_class) CHECK(count > 100);
  const InstanceData again = load("shapes-detection,limit=200");
  CHECK(again.train[17].pixels == data.train[17].pixels);
  CHECK(again.train[17].instances[0].mask == data.train[17].instances[0].mask);
  CHECK(load("shapes-detection,limit=20,size=48").train[0].width == 48);
}

TEST_CASE("masks of shapes-detection lie where the colours are", "[detection][instances]") {
  const InstanceData data = load("shapes-detection,limit=40");
  int clear = 0, objects = 0;
  for (const InstanceImage& image : data.train) {
    std::vector<Mask> masks;
    for (const Instance& one : image.instances) masks.push_back(one.mask);
    const std::vector<std::uint8_t> covered = decode_mask(joined(masks));
    const auto brightness = [&](std::size_t p) {
      return 0.3 * image.pixels[3 * p] + 0.6 * image.pixels[3 * p + 1] + 0.1 * image.pixels[3 * p + 2];
    };
    double background = 0;
    int count = 0;
    for (std::size_t p = 0; p < covered.size(); ++p)
      if (!covered[p]) background += brightness(p), ++count;
    for (const Instance& one : image.instances) {
      const std::vector<std::uint8_t> inside = decode_mask(one.mask);
      double sum = 0;
      for (std::size_t p = 0; p < inside.size(); ++p) sum += inside[p] ? brightness(p) : 0;
      clear += sum / static_cast<double>(mask_area(one.mask)) > background / count + 25;
      ++objects;
    }
  }
  CHECK(clear > 0.95 * objects);
}

TEST_CASE("a folder of images with maps of instances", "[detection][instances]") {
  const TemporaryDirectory directory;
  write_folder(directory);
  const InstanceData data = load("instances:" + directory.path().string());
  check_laws(data);
  CHECK(data.train.size() + data.validation.size() == 3);
  CHECK(data.test.size() == 2);
  const InstanceImage& image = image_named(data, "d");
  REQUIRE(image.instances.size() == 2);
  CHECK(image.instances[0].box == Box{1, 1, 3, 2});
  CHECK(image.instances[1].box == Box{3, 2, 5, 4});
  CHECK(image.instances[1].area == 3);
  std::filesystem::remove(directory.path() / "train.txt");
  CHECK(load("instances:" + directory.path().string()).test.size() == 1);
}

TEST_CASE("scaling keeps objects in their places", "[detection][instances]") {
  const TemporaryDirectory directory;
  write_folder(directory);
  const InstanceData large = load("instances:" + directory.path().string() + ",size=12");
  check_laws(large);
  const InstanceImage& image = image_named(large, "d");
  CHECK((image.width == 12 && image.height == 8));
  CHECK(image.instances[0].box == Box{2, 2, 6, 4});
  CHECK(mask_box(image.instances[0].mask) == image.instances[0].box);
  CHECK(mask_area(image.instances[1].mask) == 12);
  CHECK(image.instances[1].area == 12);
}

TEST_CASE("ten thousand objects on one image are read", "[detection][instances]") {
  const TemporaryDirectory directory;
  write_folder(directory);
  std::vector<int> labels(200 * 200, 0);
  for (int i = 0; i < 10000; ++i) labels[i / 100 * 2 * 200 + i % 100 * 2] = i + 1;
  write_file(directory / "images/d.png", grey_png(200, 200));
  write_file(directory / "instances/d.png", label_png(labels, 200, 200));
  CHECK(image_named(load("instances:" + directory.path().string()), "d").instances.size() == 10000);
}

TEST_CASE("what is wrong in a folder of instances is said with its file", "[detection][instances]") {
  const TemporaryDirectory directory;
  const std::string spec = "instances:" + directory.path().string();
  CHECK_THAT(failure(spec + "/nothing"), Contains("nothing"));
  CHECK_THAT(failure(spec), Contains("images: there is no such folder"));
  write_folder(directory);
  write_text(directory / "train.txt", "a\na\n");
  CHECK_THAT(failure(spec), Contains("train.txt: line 2: 'a' is listed before"));
  write_text(directory / "train.txt", "a\nd\n");
  CHECK_THAT(failure(spec), Contains("val.txt: line 1: 'd' is listed before"));
  write_text(directory / "train.txt", "a\n../b\n");
  CHECK_THAT(failure(spec), Contains("line 2: '../b' is no name"));
  write_text(directory / "train.txt", "a\nb\nnone\n");
  CHECK_THAT(failure(spec), Contains("images/none: there is no such .png"));
  write_text(directory / "train.txt", "a\nb\nc\n");
  write_file(directory / "instances/b.png", label_png({1, 0}, 1, 2));
  CHECK_THAT(failure(spec), Contains("b.png: the map is 2x1, but the image"));
  Bytes cut = label_png(std::vector<int>(24, 1), 4, 6);
  cut.resize(cut.size() / 2);
  write_file(directory / "instances/b.png", cut);
  CHECK_THAT(failure(spec), Contains("instances/b.png: no map of instances"));
  write_file(directory / "instances/b.png", grey_png(4, 6));
  CHECK_THAT(failure(spec), Contains("it is in colour"));
  std::filesystem::remove(directory.path() / "instances/b.png");
  CHECK_THAT(failure(spec), Contains("instances/b.png: cannot be opened"));
}

TEST_CASE("COCO's annotations: polygons, run lengths, gaps in the numbers of categories", "[detection][instances]") {
  const TemporaryDirectory directory;
  write_coco(directory, document());
  const InstanceData data = load("coco:" + directory.path().string());
  check_laws(data);
  CHECK(data.category_ids == std::vector<std::int64_t>{3, 90});
  CHECK(data.class_names == std::vector<std::string>{"car", "tree"});
  CHECK(data.train.size() + data.validation.size() + data.test.size() == 4);
  const InstanceImage& polygons = image_named(data, "0.png");
  REQUIRE(polygons.instances.size() == 1);
  CHECK(polygons.instances[0].category == 1);
  CHECK(mask_box(polygons.instances[0].mask) == Box{1, 1, 4, 3});
  CHECK(polygons.instances[0].area == 4);  // as annotated
  const InstanceImage& runs = image_named(data, "1.png");
  REQUIRE(runs.instances.size() == 2);
  CHECK(runs.instances[0].mask == runs.instances[1].mask);
  CHECK(mask_box(runs.instances[0].mask) == Box{0, 0, 1, 6});
  CHECK(image_named(data, "2.png").instances.empty());
}

TEST_CASE("what cannot be used of COCO's annotations is left out and counted", "[detection][instances]") {
  const TemporaryDirectory directory;
  json changed = document();
  changed["annotations"].push_back(annotation(4, 12, 3, {1, 1, 0, 3}, {{1, 1, 4, 1, 4, 3}}));          // no area
  changed["annotations"].push_back(annotation(5, 12, 3, {1, 1, 2, 3}, {{1, 1, 4, 1}}));                // two corners
  changed["annotations"].push_back(annotation(6, 12, 3, {50, 50, 5, 5}, {{50, 50, 55, 50, 55, 55}}));  // outside
  changed["annotations"].push_back(annotation(7, 12, 3, {1, 1, 2, 3}, json::array()));                 // no mask
  changed["annotations"].push_back(annotation(8, 12, 3, {6, 4, 90, 90}, {{6, 4, 96, 4, 96, 94, 6, 94}}));  // partly
  changed["annotations"].push_back(
      annotation(9, 12, 3, {-1e300, 0, 2e300, 5}, {{-1e300, 0, 1e300, 0, 1e300, 5, -1e300, 5}}));
  changed["annotations"][2]["iscrowd"] = 1;
  write_coco(directory, changed);
  const InstanceData data = load("coco:" + directory.path().string());
  check_laws(data);
  const InstanceImage& image = image_named(data, "2.png");
  REQUIRE(image.instances.size() == 2);
  CHECK(image.instances[0].box == Box{6, 4, 8, 6});
  CHECK(image.instances[1].box == Box{0, 0, 8, 5});
  CHECK(image_named(data, "1.png").instances[1].crowd);
  const auto noted = [&](const std::string& line) {
    return std::find(data.notes.begin(), data.notes.end(), line) != data.notes.end();
  };
  CHECK(noted("2 annotations left out: their box is empty or outside the image"));
  CHECK(noted("1 annotations left out: their mask is empty or outside the image"));
  CHECK(noted("1 annotations left out: without a mask"));
  CHECK(noted("2 boxes cut to the image"));
}

TEST_CASE("what is wrong in COCO's annotations is said with its entry", "[detection][instances]") {
  CHECK_THAT(coco_failure("/images/1/id", 10), Contains("images[1] (id 10): another image has this id"));
  CHECK_THAT(coco_failure("/annotations/2/id", 1), Contains("annotations[2] (id 1): another annotation has this id"));
  CHECK_THAT(coco_failure("/categories/1/id", 90), Contains("categories[1] (id 90): another category has this id"));
  CHECK_THAT(coco_failure("/annotations/0/image_id", 99), Contains("annotations[0] (id 1): 'image_id' is 99"));
  CHECK_THAT(coco_failure("/annotations/0/category_id", 4), Contains("'category_id' is 4: no such category"));
  CHECK_THAT(coco_failure("/annotations/0/bbox", {1, 2, 3}), Contains("'bbox' has 3 numbers"));
  CHECK_THAT(coco_failure("/annotations/0/bbox", {1, 2, 3, "4"}), Contains("'bbox' holds \"4\""));
  CHECK_THAT(coco_failure("/annotations/0/bbox", {1, 2, 3, nullptr}), Contains("'bbox' holds null"));
  CHECK_THAT(coco_failure("/annotations/0/segmentation/0", {1, 2, 3}), Contains("segmentation[0] has 3 numbers"));
  CHECK_THAT(coco_failure("/annotations/0/segmentation", 7), Contains("'segmentation' is 7"));
  CHECK_THAT(coco_failure("/annotations/1/segmentation/size", {8, 6}),
             Contains("'size' is [8,6], but the image is [6,8]"));
  CHECK_THAT(coco_failure("/annotations/1/segmentation/counts", {0, 6}), Contains("the run lengths sum to 6"));
  CHECK_THAT(coco_failure("/annotations/1/segmentation/counts", {0, 9e18, 42}), Contains("annotations[1] (id 2)"));
  CHECK_THAT(coco_failure("/annotations/2/segmentation/counts", "oooooo1"), Contains("annotations[2] (id 3)"));
  CHECK_THAT(coco_failure("/images/0/file_name", "../../etc/passwd"), Contains("a path within the folder"));
  CHECK_THAT(coco_failure("/images/0/file_name", "9.png"), Contains("9.png: cannot be opened"));
  CHECK_THAT(coco_failure("/images/0/width", 9), Contains("0.png: the image is 8x6, but"));
  CHECK_THAT(coco_failure("/images/0/width", -1), Contains("'width' is -1"));
  CHECK_THAT(coco_failure("/images", 3), Contains("'images' is missing or no list"));
  CHECK_THAT(coco_failure("/categories", json::array()), Contains("'categories' is empty"));
  CHECK_THAT(coco_failure("/annotations/0", 3), Contains("annotations[0]: found number"));
  const TemporaryDirectory directory;
  CHECK_THAT(failure("coco:" + directory.path().string()), Contains("no annotations of a training part"));
  write_coco(directory, document());
  write_text(directory / "annotations/instances_train2017.json", "{\"images\": [1, ");
  CHECK_THAT(failure("coco:" + directory.path().string()), Contains("instances_train2017.json"));
}

TEST_CASE("data with classes and data with objects are told apart", "[detection][instances]") {
  CHECK_THAT(message_of<InputError>([] { load("shapes"); }), Contains("shapes-detection, instances:DIR and coco:DIR"));
  CHECK_THAT(message_of<InputError>([] { load_data(evaluators::parse_data_spec("shapes-detection"), 1); }),
             Contains("holds objects with masks"));
  CHECK_THAT(message_of<InputError>([] { load("shapes-detection,classes=6"); }), Contains("the data have 5"));
  CHECK_THAT(message_of<InputError>([] { load("shapes-detection,shift=3"); }), Contains("shift"));
  CHECK_THAT(message_of<InputError>([] { load("shapes-detection:folder"); }), Contains("takes no directory"));
  for (const InstanceImage& image : load("shapes-detection,limit=30,classes=2").train)
    for (const Instance& one : image.instances) CHECK(one.category < 2);
}
