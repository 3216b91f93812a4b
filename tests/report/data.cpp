// Example images, confusion matrices and benchmark curves of the page.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evaluators/data/image_codec.h"
#include "evaluators/data/png_writer.h"
#include "sample_view.h"
#include "search_space/errors.h"
#include "synth/report/data_sheet.h"
#include "synth/report/page_bench.h"
#include "synth/report/page_document.h"
#include "synth/report/test_errors.h"

using namespace synth::report;
using namespace synth::report::test;
using nlohmann::json;

namespace {

evaluators::DataSet small_data() {
  return evaluators::load_data(evaluators::parse_data_spec("shapes,limit=300"), 1);
}

std::string member_with(const TestErrors& errors) {
  return json({{"test_accuracy", 0.9}, {"test_errors", json::parse(test_errors_json(errors).dump())}}).dump();
}

}  // namespace

TEST_CASE("a strip of images holds their pixels", "[data]") {
  for (const int channels : {1, 3}) {
    evaluators::ImageSet images{channels, 5, 7, {}, {0, 1, 2}};
    for (std::size_t i = 0; i < 3 * images.image_bytes(); ++i)
      images.pixels.push_back(static_cast<std::uint8_t>(7 * i));
    const std::string png = evaluators::png_strip(images, {2, 0}, 64);
    const auto strip = evaluators::decode_image("strip", {png.begin(), png.end()}, 0);
    REQUIRE(strip.height == 5);
    REQUIRE(strip.width == 14);
    for (int y = 0; y < 5; ++y) {
      for (int x = 0; x < 14; ++x) {
        const std::uint8_t* image = images.image(x < 7 ? 2 : 0);
        for (int c = 0; c < 3; ++c)
          CHECK(strip.pixels[(y * 14 + x) * 3 + c] == image[(y * 7 + x % 7) * channels + (channels == 3 ? c : 0)]);
      }
    }
  }
  evaluators::ImageSet large{1, 130, 65, {}, {0}};
  large.pixels.assign(large.image_bytes(), 200);
  const std::string png = evaluators::png_strip(large, {0}, 64);
  const auto strip = evaluators::decode_image("strip", {png.begin(), png.end()}, 0);
  CHECK(strip.height == 44);  // blocks of 3
  CHECK(strip.width == 22);
  CHECK(std::all_of(strip.pixels.begin(), strip.pixels.end(), [](int pixel) { return pixel == 200; }));
  CHECK(evaluators::png_strip(large, {}, 64).empty());
}

TEST_CASE("a confusion matrix adds up to the test images", "[data]") {
  const std::vector<std::int32_t> labels = {0, 0, 0, 1, 1, 2, 2, 2}, in_float = {0, 1, 0, 1, 1, 0, 0, 2},
                                  in_int8 = {0, 1, 1, 1, 1, 0, 2, 1};
  const TestErrors errors = test_errors(labels, in_float, in_int8, 3);
  CHECK(errors.per_class == std::vector<int>{3, 2, 3});
  CHECK(errors.wrong.size() == 5);
  const json page = json::parse(confusion_json(errors).dump());
  CHECK(page.at("float") == json({{2, 0, 2}, {0, 1, 1}}));
  CHECK(page.at("int8") == json({{0, 1, 2}, {2, 0, 1}, {2, 1, 1}}));
  CHECK(page.at("pairs")[0] == json({0, 1, 1, 2}));
  const auto pairs = errors.worst_pairs(2, 2);
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[0].images == std::vector<int>{1, 2});
  CHECK(pairs[1].label == 2);
  CHECK(pairs[1].seen == 0);
  CHECK(pairs[1].images == std::vector<int>{5, 6});  // int8 first, then what float alone takes so
  const auto again = recorded_test_errors(member_with(errors));
  REQUIRE(again);
  CHECK(test_errors_json(*again) == test_errors_json(errors));
}

TEST_CASE("damaged errors of a member are none", "[data]") {
  for (const char* result : {"", "[]", "{}", "{\"test_errors\": 3}", "{\"test_errors\": {\"per_class\": [1]}}",
                             "{\"test_errors\": {\"per_class\": [-1], \"wrong\": []}}",
                             "{\"test_errors\": {\"per_class\": [2, 2], \"wrong\": [[9, 0, 1, 1]]}}",
                             "{\"test_errors\": {\"per_class\": [2, 2], \"wrong\": [[0, 0, 2, 1]]}}",
                             "{\"test_errors\": {\"per_class\": [2, 2], \"wrong\": [[0, 0]]}}",
                             "{\"test_errors\": {\"per_class\": [2, 2], \"wrong\": [\"x\"]}}"}) {
    CAPTURE(result);
    CHECK_FALSE(recorded_test_errors(result));
  }
}

TEST_CASE("the data's sheet shows every class, and what a member confuses", "[data]") {
  SampleRun sample;
  const evaluators::DataSet data = small_data();
  std::vector<std::int32_t> seen = data.test.labels;
  for (std::size_t i = 0; i < 5; ++i) seen[i] = (seen[i] + 1) % data.classes();
  results_db::FamilyMember member;
  member.name = "A";
  member.network = 2;
  member.result = member_with(test_errors(data.test.labels, data.test.labels, seen, data.classes()));
  sample.view.family = {member};
  const json sheet = json::parse(data_sheet(data, sample.view).dump());
  CHECK(sheet.at("classes") == data.class_names);
  CHECK(sheet.at("examples").size() == data.class_names.size());
  for (const auto& strip : sheet.at("examples"))
    CHECK(strip.get<std::string>().rfind("data:image/png;base64,", 0) == 0);
  int images = 0;
  for (const int count : sheet.at("splits").at("train")) images += count;
  CHECK(images == data.train.size());
  const auto page = page_run(sample.view, [&](int id) { return sample.view.record(id); }, {});
  const auto& entry = page.at("family")[0];
  CHECK_FALSE(entry.at("result").contains("test_errors"));
  CHECK(sheet.at("confused").at("A").size() == entry.at("confusion").at("pairs").size());
  CHECK(sheet.dump().size() < 400'000);
}

TEST_CASE("a benchmark's curves have bands, and other files are refused", "[data]") {
  const json run = {{"seed", 1}, {"evaluations", 9}};
  const auto course = [&](json improvements) {
    json with = run;
    with["improvements"] = std::move(improvements);
    return with;
  };
  json algorithm = {{"name", "random"},
                    {"seeds", 3},
                    {"success_rate", 1},
                    {"median_evaluations_to_target", 5},
                    {"quartiles_to_target", {4, 6}},
                    {"curve", {{2, 60.0}, {4, 70.0}}},
                    {"runs", {course({{1, 50}, {4, 70}}), course({{2, 60}}), course({{3, 65}, {9, 80}})}}};
  json bench = {{"schema", "synth/bench/1"}, {"table", "t"},
                {"requirements", "r"},       {"target", 75},
                {"max_evaluations", 9},      {"algorithms", {algorithm}}};
  const json page = json::parse(page_bench("b.json", bench.dump()).dump());
  CHECK(page.at("target") == 75);
  const json curve = page.at("algorithms")[0].at("curve");
  CHECK(curve == json({{2, nullptr, 50, 55}, {3, 55, 60, 62.5}, {4, 62.5, 65, 67.5}, {9, 65, 70, 75}}));
  bench["algorithms"][0]["runs"] = {run, run};  // as older programs wrote it
  CHECK(json::parse(page_bench("b.json", bench.dump()).dump()).at("algorithms")[0].at("curve") ==
        json({{2, nullptr, 60, nullptr}, {4, nullptr, 70, nullptr}}));
  bench["algorithms"][0].erase("name");
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string("{\"schema\": \"synth/table/1\"}"), bench.dump()})
    CHECK_THROWS_AS(page_bench("b.json", text), search_space::InputError);
}
