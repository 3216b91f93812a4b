// Objects with masks, from training to drawings, by the program itself.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "evaluators/data/instances.h"
#include "evaluators/data/png_writer.h"
#include "tests/cli/program.h"

using namespace cli_test;
using nlohmann::json;
namespace detection = evaluators::detection;

namespace {

using Words = std::vector<std::string>;

// A backbone of strides 4 to 32, a convolution each.
const char* const backbone = R"({"schema": "synth/architecture/1", "input": {"channels": 3, "height": 96, "width": 96},
 "classes": 5, "stem": [{"op": "conv", "width": 8, "kernel": 3, "stride": 2}, {"op": "max_pool", "kernel": 3, "stride": 2}],
 "slots": [
  {"stage": 1, "stride": 1, "width": 12, "module": {"kind": "conv", "parameters": {"kernel": 3}}},
  {"stage": 2, "stride": 2, "width": 16, "module": {"kind": "conv", "parameters": {"kernel": 3}}},
  {"stage": 3, "stride": 2, "width": 20, "module": {"kind": "conv", "parameters": {"kernel": 3}}},
  {"stage": 4, "stride": 2, "width": 24, "module": {"kind": "conv", "parameters": {"kernel": 3}}}]})";

Words training(const TemporaryFolder& folder, const Words& more = {}) {
  write_text(folder / "net.json", backbone);
  Words words = {"train",           folder / "net.json",
                 "--task",          "mask-rcnn",
                 "--pyramid-width", "16",
                 "--box-width",     "32",
                 "--mask-width",    "8",
                 "--mask-layers",   "1",
                 "--proposals",     "50",
                 "--out",           folder / "net.safetensors"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words brief(const TemporaryFolder& folder) {
  return training(folder, {"--data", "shapes-detection,limit=12", "--epochs", "2", "--json"});
}

json header_of(const std::string& blob) {
  std::uint64_t length = 0;
  std::memcpy(&length, blob.data(), sizeof length);
  return json::parse(blob.substr(sizeof length, length));
}

void write_image(const std::string& path, int height, int width) {
  const std::vector<std::uint8_t> pixels(std::size_t(height) * width * 3, 90);
  write_text(path, evaluators::png_of(pixels.data(), height, width));
}

void refused(const Words& words, int exit_code, const Words& said) {
  const Outcome outcome = run_synth(words);
  std::string typed;
  for (const std::string& word : words) typed += word + " ";
  INFO(typed << "\n" << outcome.out << outcome.err);
  CHECK(outcome.exit_code == exit_code);
  for (const std::string& text : said) CHECK_THAT(outcome.err, Catch::Contains(text));
  CHECK_THAT(outcome.err, !Catch::Contains("internal error"));
}

}  // namespace

TEST_CASE("a detector is trained, measured and asked", "[cli][detection]") {
  const TemporaryFolder folder;
  const Outcome trained = run_synth(brief(folder));
  INFO(trained.err);
  REQUIRE(trained.exit_code == 0);
  const json summary = trained.json();
  CHECK(summary["schema"] == "synth/train/1");
  CHECK(summary["epochs"].get<double>() == Approx(2).margin(0.7));
  for (const char* key : {"ap", "ap50", "ap75", "small", "medium", "large"}) CHECK(summary["mask"].contains(key));

  // What is counted is what is trained; batch norm's statistics are not.
  std::int64_t parameters = 0;
  const json header = header_of(read_text(folder / "net.safetensors"));
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__" || name.find(".running_") != std::string::npos) continue;
    std::int64_t size = 1;
    for (const auto& extent : tensor["shape"]) size *= extent.get<std::int64_t>();
    parameters += size;
  }
  CHECK(summary["parameters"] == parameters);
  const Outcome costs = run_synth({"compare",       "--task", "mask-rcnn",       folder / "net.json",
                                   "--input",       "96x96",  "--classes",       "6",
                                   "--proposals",   "50",     "--pyramid-width", "16",
                                   "--box-width",   "32",     "--mask-width",    "8",
                                   "--mask-layers", "1",      "--count",         "published",
                                   "--json"});
  INFO(costs.err);
  REQUIRE(costs.exit_code == 0);
  CHECK(costs.json()["networks"][0]["parameters"] == parameters);
  CHECK(costs.json()["networks"][0]["multiply_adds"] == summary["multiply_adds"]);

  const Outcome measured = run_synth({"evaluate", folder / "net.safetensors", "--split", "validation", "--json"});
  REQUIRE(measured.exit_code == 0);
  for (const char* part : {"box", "mask"}) CHECK(measured.json()[part] == summary[part]);
  const Outcome table = run_synth({"evaluate", folder / "net.safetensors", "--data", "shapes-detection"});
  for (const char* word : {"AP50", "boxes", "masks", "300 images"}) CHECK_THAT(table.out, Catch::Contains(word));

  write_image(folder / "wide.png", 70, 130);
  write_image(folder / "small.png", 20, 20);
  const Outcome asked = run_synth({"predict", folder / "net.safetensors", folder / "wide.png", folder / "small.png",
                                   "--out", folder / "drawn", "--score", "0", "--json"});
  INFO(asked.err);
  REQUIRE(asked.exit_code == 0);
  const detection::InstanceImage drawing = detection::read_instance_image(folder / "drawn/wide.png");
  CHECK(drawing.width % 130 == 0);
  CHECK(drawing.height % 70 == 0);
  for (const json& one : json::parse(read_text(folder / "drawn/detections.json"))) {
    const bool wide = one["image_id"] == 1;
    const int height = wide ? 70 : 20, width = wide ? 130 : 20;
    CHECK(one["file_name"] == (wide ? "wide.png" : "small.png"));
    CHECK(one["category_id"].get<int>() >= 1);
    CHECK(one["segmentation"]["size"] == json({height, width}));
    CHECK_NOTHROW(detection::decompressed(one["segmentation"]["counts"], height, width));
    CHECK(one["bbox"][0].get<double>() + one["bbox"][2].get<double>() <= width + 1e-3);
  }
}

TEST_CASE("Ctrl-C in the training of a detector keeps what is best so far", "[cli][detection]") {
  const TemporaryFolder folder;
  Process process(training(folder, {"--data", "shapes-detection,limit=40", "--time", "10m", "-q"}), folder / "out",
                  folder / "err");
  std::this_thread::sleep_for(std::chrono::seconds(8));
  REQUIRE(process.running());
  process.signal(SIGINT);
  CHECK(process.wait() == 5);
  INFO(read_text(folder / "err"));
  // Before the first step there is nothing to keep, on a machine that is so slow.
  if (!std::filesystem::exists(folder / "net.safetensors")) return;
  CHECK(run_synth({"evaluate", folder / "net.safetensors", "--split", "validation"}).exit_code == 0);
}

TEST_CASE("a detector's options and files are checked", "[cli][detection]") {
  const TemporaryFolder folder;
  write_text(folder / "net.json", backbone);
  const std::string out = folder / "out.safetensors";
  const auto train = [&](const Words& more) {
    Words words = {"train", folder / "net.json", "--out", out, "--task", "mask-rcnn"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  refused({"train", "residual9", "--out", out, "--task", "mask-rcn"}, 2, {"mask-rcn", "mask-rcnn"});
  refused({"train", "residual9", "--out", out, "--time", "5m"}, 2, {"--time", "--task mask-rcnn"});
  refused({"train", "residual9", "--out", out, "--task", "mask-rcnn", "--data", "shapes-detection,limit=10"}, 2,
          {"residual9", "strides 4, 8, 16, 32"});
  refused(train({"--pyramid-width", "0"}), 2, {"--pyramid-width", "1 to 4096"});
  refused(train({"--time", "0"}), 2, {"--time"});
  refused(train({"--data", "shapes"}), 2, {"shapes", "shapes-detection"});
  refused(train({"--data", "instances:" + folder.path()}), 4, {"images"});
  refused({"train", "residual9", "--out", out, "--data", "shapes-detection"}, 2, {"shapes-detection", "mask-rcnn"});
  CHECK_FALSE(std::filesystem::exists(out));

  write_text(folder / "other.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
  write_text(folder / "torn.safetensors", "no tensors");
  write_image(folder / "image.png", 64, 64);
  refused({"evaluate", folder / "other.safetensors"}, 2, {"other.safetensors", "no detector"});
  refused({"predict", folder / "torn.safetensors", folder / "image.png", "--out", folder / "d"}, 2,
          {"torn.safetensors"});
  refused({"predict", "attonet_d", folder / "image.png", "--out", folder / "d"}, 2, {"attonet_d", "synth train"});
}

TEST_CASE("damaged weights and images of a detector are named", "[cli][detection]") {
  const TemporaryFolder folder;
  REQUIRE(run_synth(brief(folder)).exit_code == 0);
  const std::string file = folder / "net.safetensors", good = read_text(file);
  write_image(folder / "image.png", 64, 64);
  const auto damaged = [&](const std::string& from, const std::string& to) {
    std::string blob = good;
    const std::size_t at = blob.find(from);
    REQUIRE(at != std::string::npos);
    write_text(folder / "bad.safetensors", blob.replace(at, from.size(), to));
    return Words{"evaluate", folder / "bad.safetensors"};
  };
  refused(damaged("\"rpn.conv.bias\"", "\"rpn.cone.bias\""), 2, {"bad.safetensors", "rpn.conv.bias", "missing"});
  refused(damaged("\\\"mask_layers\\\":1", "\\\"mask_layers\\\":2"), 2, {"bad.safetensors", "mask.conv2", "missing"});
  refused(damaged("\\\"anchor_scale\\\"", "\\\"anchor_scala\\\""), 2, {"bad.safetensors", "anchor_scala"});
  refused(damaged("\\\"box\\\":32", "\\\"box\\\":31"), 2, {"bad.safetensors", "box.", "31"});
  write_text(folder / "bad.safetensors", good.substr(0, good.size() - 40));
  refused({"evaluate", folder / "bad.safetensors"}, 2, {"bad.safetensors"});
  std::string infinite = good;
  infinite.replace(infinite.size() - 4, 4, std::string("\0\0\x80\x7f", 4));
  write_text(folder / "bad.safetensors", infinite);
  refused({"evaluate", folder / "bad.safetensors"}, 2, {"bad.safetensors", "not finite"});

  write_text(folder / "torn.png", read_text(folder / "image.png").substr(0, 60));
  const auto predict = [&](const Words& images) {
    Words words = {"predict", file, "--out", folder / "drawn", "--overwrite"};
    words.insert(words.end(), images.begin(), images.end());
    return words;
  };
  refused(predict({}), 2, {"IMAGE"});
  refused(predict({folder / "none.png"}), 4, {"none.png"});
  refused(predict({folder / "torn.png"}), 4, {"torn.png"});
  refused(predict({folder.path()}), 4, {folder.path()});
  refused(predict({folder / "image.png", folder / "image.png"}), 2, {"both"});
  refused({"predict", file, folder / "image.png", "--out", folder.path()}, 2, {"would replace"});
}

TEST_CASE("what is wrong in COCO's annotations is named, or left out and counted", "[cli][detection]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "images");
  std::filesystem::create_directories(folder / "annotations");
  json images = json::array(), annotations = json::array();
  for (int i = 1; i <= 6; ++i) {
    const std::string name = std::to_string(i) + ".png";
    write_image(folder / ("images/" + name), 64, 64);
    images.push_back({{"id", i}, {"file_name", name}, {"height", 64}, {"width", 64}});
    annotations.push_back({{"id", i},
                           {"image_id", i},
                           {"category_id", 90},
                           {"iscrowd", 0},
                           {"area", 400},
                           {"bbox", {10, 10, 20, 20}},
                           {"segmentation", {{10, 10, 30, 10, 30, 30, 10, 30}}}});
  }
  // Category numbers with a gap; the last image has no object.
  const json categories = {{{"id", 7}, {"name", "cat"}}, {{"id", 90}, {"name", "dog"}}};
  annotations.erase(5);
  const auto write = [&](const json& list) {
    const json document = {{"images", images}, {"annotations", list}, {"categories", categories}};
    for (const char* part : {"train", "val"})
      write_text(folder / (std::string("annotations/instances_") + part + ".json"), document.dump());
  };
  const auto with = [&](int entry, const char* key, const json& value) {
    json changed = annotations;
    changed[entry][key] = value;
    write(changed);
    return training(folder, {"--data", "coco:" + folder.path(), "--epochs", "1", "--overwrite"});
  };
  for (const auto& [key, value] : {std::pair<const char*, json>{"bbox", {10, 10, 0, 20}},
                                   {"bbox", {100, 100, 20, 20}},
                                   {"segmentation", {{1, 1, 2, 2}}}}) {
    const Outcome outcome = run_synth(with(0, key, value));
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.err, Catch::Contains("annotations left out"));
  }
  const std::string file = "instances_train.json";
  refused(with(1, "id", 1), 4, {file, "another annotation has this id"});
  refused(with(1, "category_id", 8), 4, {file, "no such category"});
  refused(with(1, "bbox", {1, 2, nullptr, 4}), 4, {file, "finite numbers"});
  refused(with(1, "segmentation", {{"size", {64, 32}}, {"counts", {0, 2048}}}), 4, {file, "the image is [64"});
  refused(with(1, "segmentation", {{"size", {64, 64}}, {"counts", {0, 4000000000}}}), 4, {file, "segmentation"});
  std::filesystem::remove(folder / "images/3.png");
  refused(with(1, "area", 400), 4, {"3.png"});
}
