// Benchmarks as text, JSON and picture, from a result made by hand.
#include "synth/report/bench.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/report/xml.h"

using namespace synth;

namespace {

engine::BenchResult sample() {
  engine::BenchResult result;
  result.table = "a<b> & co";
  result.log10_size = 4.2;
  result.requirements = "accuracy>=94%";
  result.prototype = {3, 3};
  result.prototype_performance = 80;
  result.optimum = engine::Optimum{{1, 2}, {}, 92.5};
  result.optimum->evaluation.accuracy = 0.9412;
  result.optimum->evaluation.cost.weights = 587000;
  result.optimum->evaluation.cost.multiply_adds = 82500000;
  result.optimum_exact = true;
  result.target = 92;
  result.seeds = 2;
  result.max_evaluations = 150;
  result.runs = result.finished_runs = 4;
  result.wall_seconds = 7.5;
  engine::AlgorithmResult fast;
  fast.name = "fast";
  fast.runs = {{1, 30, 30, {{10, 85.25}, {30, 92.0}}, 0.5}, {2, 150, std::nullopt, {{10, 85.25}}, 0.5}};
  fast.to_target = {60, 90, 120};
  fast.success_rate = 0.5;
  fast.curve = {{10, 85.25}, {30, 88.625}};
  fast.overhead_ms = 12.5;
  fast.cpu_seconds = 2.25;
  fast.wall_seconds = 3.5;
  engine::AlgorithmResult hopeless;
  hopeless.name = "hopeless";
  hopeless.runs = {{1, 150, std::nullopt, {}, 0}, {2, 150, std::nullopt, {}, 0}};
  hopeless.to_target = {150, 150, 150};
  result.algorithms = {fast, hopeless};
  return result;
}

std::string line_with(const std::string& text, const std::string& what) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  const std::size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

}  // namespace

TEST_CASE("the bench's table tells medians, quartiles, success and the best so far") {
  const std::string text = report::bench_text(sample());
  CHECK_THAT(text, Catch::Contains("optimum 92.50 (exact)") && Catch::Contains("prototype 80.00 (infeasible)"));
  const std::string fast = line_with(text, "fast");
  CHECK_THAT(fast, Catch::Contains("90") && Catch::Contains("60-120") && Catch::Contains("0.50"));
  CHECK_THAT(fast, Catch::Contains("85.25") && Catch::Contains("88.62"));
  CHECK_THAT(line_with(text, "hopeless"), Catch::Contains(" - "));
  CHECK(text.find("best at 100") != std::string::npos);
  CHECK(text.find("best at 200") == std::string::npos);  // beyond the budget
  CHECK_THAT(text, Catch::Contains("missed it counts as 150") && Catch::Contains("took 7.50 s of wall time"));
  CHECK_THAT(line_with(text, "algorithm "), Catch::Contains("cpu s") && Catch::Contains("wall s"));
  CHECK_THAT(fast, Catch::Contains("2.25 ") && Catch::EndsWith("3.50"));
  CHECK(text.find("interrupted") == std::string::npos);
}

TEST_CASE("an interrupted bench says of how many runs its figures are") {
  engine::BenchResult result = sample();
  result.runs = 6;
  const std::string text = report::bench_text(result);
  CHECK_THAT(text, Catch::Contains("median of the finished runs") && Catch::Contains("4 of 6 runs were finished"));
  CHECK_THAT(line_with(text, "algorithm "), Catch::Contains(" runs "));
  CHECK_THAT(report::bench_svg(result), Catch::Contains("(interrupted: 4 of 6 runs)"));
  const auto json = report::bench_json(result);
  CHECK(json["interrupted"] == true);
  CHECK(json["runs"] == 6);
  CHECK(json["finished_runs"] == 4);
  result.algorithms.clear();
  result.finished_runs = 0;
  CHECK_THAT(report::bench_text(result), Catch::Contains("no run was finished"));
}

TEST_CASE("the bench's JSON has the promised keys") {
  const auto json = report::bench_json(sample());
  CHECK(json["schema"] == "synth/bench/1");
  CHECK(json["infeasible"].is_null());
  CHECK(json["optimum"]["netscore"] == 92.5);
  CHECK(json["optimum"]["exact"] == true);
  const auto& fast = json["algorithms"][0];
  CHECK(fast["name"] == "fast");
  CHECK(fast["seeds"] == 2);
  CHECK(fast["median_evaluations_to_target"] == 90);
  CHECK(fast["success_rate"] == 0.5);
  CHECK(fast["curve"].dump() == "[[10,85.25],[30,88.625]]");
  CHECK(fast["best_at"].dump() == R"({"20":85.25,"50":88.625,"100":88.625})");
  CHECK(json["algorithms"][1]["best_at"]["50"].is_null());
  CHECK(fast["cpu_seconds"] == 2.25);
  CHECK(fast["wall_seconds"] == 3.5);
  CHECK(json["wall_seconds"] == 7.5);
  CHECK(json["interrupted"] == false);
  CHECK(fast["runs"][0]["evaluations_to_target"] == 30);
  CHECK(fast["runs"][1]["evaluations_to_target"].is_null());
  CHECK(json["algorithms"][1]["curve"].empty());

  engine::BenchResult infeasible;
  infeasible.infeasible = "no network meets it";
  CHECK(report::bench_json(infeasible)["infeasible"] == "no network meets it");
  CHECK(report::bench_json(infeasible)["target"].is_null());
}

TEST_CASE("the bench's picture is well formed and names every algorithm") {
  const std::string svg = report::bench_svg(sample());
  CHECK(report::test::xml_fault(svg) == "");
  CHECK_THAT(svg, Catch::Contains("fast") && Catch::Contains("hopeless") && Catch::Contains("a&lt;b&gt; &amp; co"));
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("inf\"") == std::string::npos);
}
