// Lineage and status of a small run: keys that scripts rely on, and no timings in the lineage.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "sample_view.h"
#include "synth/report/lineage.h"
#include "synth/report/status.h"
#include "synth/report/table.h"
#include "xml.h"

using namespace synth::report;
using namespace synth::report::test;
using Catch::Contains;

TEST_CASE("lineage JSON holds the promised keys") {
  const SampleRun run;
  const auto json = lineage_json(run.view);
  REQUIRE(json.at("schema") == "synth/lineage/1");
  REQUIRE(json.at("generators").size() == 3);
  for (const auto& generator : json.at("generators")) {
    for (const char* key :
         {"index", "accepted", "reason", "mean_netscore", "min_accuracy", "networks", "parent", "kl", "evidence"}) {
      CAPTURE(key);
      REQUIRE(generator.contains(key));
    }
  }
  const auto& second = json.at("generators")[2];
  REQUIRE(second.at("index") == 1);
  REQUIRE(second.at("parent") == 0);
  REQUIRE(second.at("min_accuracy") == 0.953);
  REQUIRE(second.at("networks") == std::vector<int>{2, 3});
  REQUIRE(json.at("generators")[0].at("parent").is_null());
  REQUIRE(json.at("generators")[1].at("min_accuracy") == 0.96);  // the diverged network has no accuracy

  REQUIRE(json.at("networks").size() == 4);
  for (const auto& network : json.at("networks")) {
    for (const char* key : {"id", "key", "generator", "seed", "parent", "accuracy", "accuracy_lower_bound",
                            "expected_full_accuracy", "parameters", "multiply_adds", "netscore", "feasible", "outcome"}) {
      CAPTURE(key);
      REQUIRE(network.contains(key));
    }
  }
  REQUIRE(json.at("networks")[2].at("generator") == 1);
  REQUIRE(json.at("networks")[2].at("seed") == 1);
  REQUIRE(json.at("networks")[2].at("parent") == 2);
  REQUIRE(json.at("networks")[3].at("outcome") == "diverged");
  REQUIRE(json.at("networks")[3].at("netscore").is_null());
}

TEST_CASE("equal runs that took different time have equal lineages") {
  SampleRun first, second;
  second.view.run.seconds = 1;
  for (auto& record : second.view.records) record.evaluation.seconds *= 3;
  REQUIRE(lineage_json(first.view).dump() == lineage_json(second.view).dump());
  second.view.records[1].evaluation.accuracy += 1e-15;
  REQUIRE(lineage_json(first.view).dump() != lineage_json(second.view).dump());
}

TEST_CASE("lineage text names generators, decisions, margins and evidence") {
  const SampleRun run;
  const std::string text = lineage_text(run.view);
  REQUIRE_THAT(text, Contains("G0") && Contains("G1") && Contains("accepted") && Contains("rejected"));
  REQUIRE_THAT(text, Contains("network 4 diverged") && Contains("bypass costs 0.01"));
  REQUIRE_THAT(text, Contains("accuracy +") && Contains("points") && Contains("to spare"));
}

TEST_CASE("reports of a run fit the terminal") {
  SampleRun run;
  run.view.run.message =
      "none of the 4 networks evaluated meets the requirements; allow more time or relax one of them";
  run.view.generators[2].evidence = {std::string(40, 'x') + " and many more words that say what drove the change"};
  for (const int columns : {40, 80, 120}) {
    for (const std::string& text :
         {status_text(run.view, columns), lineage_text(run.view, columns), lineage_summary(run.view, columns),
          ancestry_text(run.view, 3, columns)}) {
      CAPTURE(columns, text);
      for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
        CHECK(display_width(text.substr(start, text.find('\n', start) - start)) <= columns);
    }
  }
}

TEST_CASE("a state is said once") {
  SampleRun run;
  run.view.run.state = run.view.run.message = "interrupted";
  REQUIRE_THAT(status_text(run.view), Catch::StartsWith("run.db: interrupted\n"));
}

TEST_CASE("the ancestry of a network tells what changed at each step") {
  const SampleRun run;
  const auto json = ancestry_json(run.view, 3);
  REQUIRE(json.at("network") == 3);
  REQUIRE(json.at("ancestry").size() == 3);
  REQUIRE(json.at("ancestry")[0].at("id") == 1);
  REQUIRE(json.at("ancestry")[0].at("delta").is_null());
  const auto& last = json.at("ancestry")[2];
  REQUIRE(last.at("delta").at("accuracy").get<double>() == Approx(0.953 - 0.96));
  REQUIRE(last.at("delta").at("parameters") ==
          run.view.record(3).evaluation.cost.parameters() - run.view.record(2).evaluation.cost.parameters());
  REQUIRE(last.at("changes").size() == 1);
  REQUIRE(last.at("changes")[0].at("place") == "stage2.slot2");
  const std::string text = ancestry_text(run.view, 3);
  REQUIRE_THAT(text, Contains("#1") && Contains("#3") && Contains("stage2.slot2: ") && Contains(" -> "));
  REQUIRE_THROWS_AS(ancestry_text(run.view, 99), std::out_of_range);
}

TEST_CASE("an ancestry's document has the keys of a lineage, for its own networks and generators") {
  const SampleRun run;
  const auto whole = lineage_json(run.view), part = ancestry_json(run.view, 3);
  REQUIRE(part.at("schema") == whole.at("schema"));
  // Network 4 and the rejected proposal that made it are not among the ancestors.
  REQUIRE(part.at("networks") == nlohmann::ordered_json(whole.at("networks").begin(), whole.at("networks").end() - 1));
  REQUIRE(part.at("generators").size() == 2);
  REQUIRE(part.at("generators")[0] == whole.at("generators")[0]);
  REQUIRE(part.at("generators")[1] == whole.at("generators")[2]);
}

TEST_CASE("a rejected proposal above all accepted ones stays inside the picture, at its own height") {
  SampleRun run;
  const auto heights = [&](double performance) {
    run.view.generators[1].mean_performance = performance;
    const std::string svg = lineage_svg(run.view);
    const std::size_t disc = svg.find("r=\"3.5\"");
    const std::size_t y = svg.rfind("cy=\"", disc) + 4;
    return std::stod(svg.substr(y));
  };
  const double highest = run.view.record(3).performance;
  REQUIRE(heights(highest + 40) > 96);  // below the plot's upper edge, thus not cut to it
  REQUIRE(heights(highest + 40) < heights(highest + 1));
}

TEST_CASE("status holds the promised keys, the best network and the outcomes") {
  SampleRun run;
  const auto json = status_json(run.view);
  REQUIRE(json.at("schema") == "synth/status/1");
  REQUIRE(json.at("state") == "done");
  REQUIRE(json.at("algorithm") == "generative-synthesis");
  REQUIRE(json.at("evaluations") == 4);
  REQUIRE(json.at("generators").size() == 3);
  REQUIRE(json.at("config").at("seed") == 7);
  REQUIRE(json.at("outcomes").at("diverged") == 1);
  const auto* best = run.view.best();
  REQUIRE(best != nullptr);
  REQUIRE(json.at("best").at("id") == best->id);
  for (const auto& record : run.view.records) REQUIRE((!record.feasible || record.performance <= best->performance));
  REQUIRE_THAT(status_text(run.view),
               Contains("generative-synthesis") && Contains("1 diverged") && Contains("12 min 34 s"));

  for (auto& record : run.view.records) record.feasible = false;
  REQUIRE(status_json(run.view).at("best").is_null());
  REQUIRE_THAT(status_text(run.view), Contains("no network meets the requirements yet"));
}

TEST_CASE("a run that has only begun can be reported and drawn") {
  SampleRun run;
  run.view.records.clear();
  run.view.generators.clear();
  run.view.run.config = "not json";
  REQUIRE(lineage_json(run.view).at("networks").empty());
  REQUIRE(status_json(run.view).at("evaluations") == 0);
  REQUIRE_THAT(lineage_text(run.view), Contains("0 networks"));
  REQUIRE(xml_fault(lineage_svg(run.view)).empty());
}

TEST_CASE("pictures of a run are well formed and show every proposal") {
  const SampleRun run;
  for (const std::string& svg : {lineage_svg(run.view), ancestry_svg(run.view, 3)}) REQUIRE(xml_fault(svg) == "");
  REQUIRE_THAT(lineage_svg(run.view), Contains("&lt;escape&gt; &amp; &quot;quote&quot; me"));
  const std::string dot = lineage_dot(run.view);
  REQUIRE_THAT(dot, Contains("p0 ->") && Contains("p1 [") && Contains("p2 [") && !Contains("p3"));
  REQUIRE_THAT(ancestry_dot(run.view, 3), Contains("n1 -> n2") && Contains("n2 -> n3") && Contains("stage2.slot2"));
}

namespace {

// A run of so many accepted generators, of which number `leap` gains most.
void grow(SampleRun& run, int generators, int leap) {
  results_db::GeneratorRecord generator = run.view.generators[2];
  run.view.generators.resize(1);
  double performance = run.view.generators[0].mean_performance;
  for (int index = 1; index < generators; ++index) {
    performance += index == leap ? 5 : 0.1 + 0.01 * index;
    generator.proposal = index;
    generator.parent = index - 1;
    generator.index = index;
    generator.mean_performance = performance;
    generator.evidence = {"stage1.width 8 -> 4 in 2 of 2 networks: why", "another"};
    run.view.generators.push_back(generator);
  }
}

int lines_with(const std::string& text, const std::string& begin) {
  int count = 0;
  for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
    count += text.compare(start, begin.size(), begin) == 0 ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("the lineage's summary leads with ten generators and says how to see all") {
  SampleRun run;
  CHECK_THAT(lineage_summary(run.view), Contains("2 of 3 proposals accepted") && Contains("synth lineage run.db --all"));
  CHECK(lines_with(lineage_summary(run.view), "G") == 2);  // the rejected one is not among them
  grow(run, 40, 17);
  const std::string text = lineage_summary(run.view);
  CHECK(lines_with(text, "G") == 10);
  for (const char* generator : {"G0 ", "G17 ", "G38 ", "G39 "}) CHECK(lines_with(text, generator) == 1);
  CHECK(lines_with(text, "G1 ") == 0);
  CHECK_THAT(text, Contains("30 more accepted generators gained less"));
  CHECK_THAT(text, Contains("stage1.width 8 -> 4, and 1 more") && !Contains("█"));
  CHECK_THAT(lineage_summary(run.view, 100), Contains("████████████████"));
  run.view.generators.clear();
  CHECK_THAT(lineage_summary(run.view), Contains("No generator has been accepted"));
}
