// `synth init`: what it makes of folders, and that `synth search` takes what it writes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "evaluators/data/png_writer.h"
#include "tests/cli/program.h"

using namespace cli_test;

namespace {

// Grey images, `count` of each class; the class decides how bright they are.
void write_images(const std::string& folder, int classes, int count, int side) {
  for (int c = 0; c < classes; ++c) {
    const std::string name = folder + "/class" + std::to_string(c);
    std::filesystem::create_directories(name);
    for (int i = 0; i < count; ++i) {
      evaluators::ImageSet image{1, side, side, {}, {0}};
      image.pixels.assign(image.image_bytes(), std::uint8_t(40 + 60 * c + i % 20));
      write_text(name + "/" + std::to_string(i) + ".png", evaluators::png_strip(image, {0}, side));
    }
  }
}

}  // namespace

TEST_CASE("init writes a commented configuration that a search takes", "[cli][init]") {
  const TemporaryFolder folder;
  write_images(folder / "photos", 3, 40, 80);
  const std::string file = folder / "search.json";
  const Outcome outcome = run_synth({"init", folder / "photos", "--out", file, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const nlohmann::json said = outcome.json();
  CHECK(said["schema"] == "synth/init/1");
  CHECK(said["images"] == 120);
  CHECK(said["fewest_per_class"] == 40);
  CHECK(said["config"]["data"] == "imagefolder:" + folder / "photos" + ",size=64");
  CHECK(said["config"]["prototype"] == "residual16,width=0.25");
  CHECK(said["config"]["db"] == "photos.db");
  CHECK(said["estimated_seconds"]["prototype"].get<double>() > 0);
  CHECK(said["advice"].empty());
  const std::string text = read_text(file);
  CHECK_THAT(text, Catch::Contains("// 3 classes (class0, class1, class2); 120 training images"));
  CHECK_THAT(text, Catch::Contains("Measured here: about"));
  const Outcome dry = run_synth({"search", "--config", file, "--dry-run", "--json"});
  INFO(dry.err);
  CHECK(dry.exit_code == 0);
  CHECK(dry.json()["feasible"] == true);
  const Outcome again = run_synth({"init", folder / "photos", "--out", file, "--no-estimate"});
  CHECK(again.exit_code == 4);
  CHECK_THAT(again.err, Catch::Contains("exists already") && Catch::Contains("--overwrite"));
  CHECK(read_text(file) == text);
}

TEST_CASE("init says what is wrong with a folder", "[cli][init]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& name) {
    const Outcome outcome = run_synth({"init", folder / name, "--out", folder / "x.json"});
    CHECK(outcome.exit_code == 4);
    CHECK(!std::filesystem::exists(folder / "x.json"));
    return outcome.err;
  };
  CHECK_THAT(refused("nowhere"), Catch::Contains("no such folder"));
  std::filesystem::create_directories(folder / "empty");
  CHECK_THAT(refused("empty"), Catch::Contains("folder of images per class"));
  std::filesystem::create_directories(folder / "objects/instances");
  CHECK_THAT(refused("objects"), Catch::Contains("boxes or masks"));
}

TEST_CASE("few images and files that are none are advised on before anything trains", "[cli][init]") {
  const TemporaryFolder folder;
  write_images(folder / "few", 2, 10, 32);
  write_text(folder / "few/class0/0.png", "not an image");
  const nlohmann::json said =
      run_synth({"init", folder / "few", "--out", folder / "few.json", "--no-estimate", "--json"}).json();
  CHECK_THAT(said["advice"].dump(), Catch::Contains("has only 10 training images") && Catch::Contains("flip=1") &&
                                        Catch::Contains("few/class0/0.png"));
  CHECK_THAT(said["config"]["data"].get<std::string>(), Catch::Contains("skip_corrupt=1"));
  CHECK(said["estimated_seconds"].is_null());
}

TEST_CASE("a search advises on images and prototypes that do not go together", "[cli][init]") {
  const TemporaryFolder folder;
  write_images(folder / "large", 2, 24, 224);
  const std::string large = "imagefolder:" + folder / "large";
  const auto dry = [](const std::string& data, const std::string& prototype, const std::string& extra = "") {
    std::vector<std::string> words = {"search", "--dry-run", "--data", data, "--prototype", prototype, "--epochs", "1"};
    if (!extra.empty()) words.push_back(extra);
    return run_synth(words);
  };
  CHECK_THAT(dry(large, "residual16,width=0.25").err,
             Catch::Contains("images of 224 pixels are slow to train on a CPU") && Catch::Contains("',size=64'"));
  CHECK_THAT(dry(large + ",size=32", "mobilenet_v1").err,
             Catch::Contains("too large for the images") && Catch::Contains("stem=small"));
  const Outcome refused = dry(large + ",size=32", "residual16");
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, Catch::Contains("',size=64' in --data") && Catch::Contains("residual9"));
  CHECK_THAT(dry(large + ",size=32", "residual9").err,
             !Catch::Contains("slow to train") && !Catch::Contains("too large") && Catch::Contains("only 19 training"));
}

TEST_CASE("a search without options on a terminal says what it chose", "[cli][init]") {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_images(folder / "photos", 2, 30, 32);
  write_text(folder / "search.json",
             "{ // of this test\n\"data\": \"imagefolder:photos\", \"require\": \"accuracy>=10%,weight_bits=8\", "
             "\"epochs\": 1, \"evaluations\": 1, \"db\": \"one.db\"}");
  write_text(folder / "one.db", "something else");
  const Outcome outcome = run_on_terminal({"search"}, 100);
  std::filesystem::current_path(before);
  INFO(outcome.out);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Catch::Contains("as search.json says") && Catch::Contains("--data imagefolder:photos") &&
                              Catch::Contains("--db one-2.db"));
  CHECK(std::filesystem::exists(folder / "one-2.db"));
  CHECK(read_text(folder / "one.db") == "something else");
}
