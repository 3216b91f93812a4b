// The page's document: figures as recorded, of bounded size, and text that stays text whatever a run is called.
#include "synth/report/page.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>

#include "prototypes/library.h"
#include "sample_view.h"
#include "search_space/lowering.h"
#include "synth/report/page_belief.h"
#include "synth/report/page_document.h"

using namespace synth::report;
using namespace synth::report::test;
using Catch::Contains;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

ordered_json run_of(const RunView& view, const PageLimits& limits = {}) {
  return page_run(
      view, [&](int id) { return view.record(id); }, limits);
}

ordered_json document_of(const RunView& view) {
  return {{"schema", "synth/report/1"}, {"live", false}, {"runs", {run_of(view)}}};
}

// What a browser's JSON.parse gets to see.
std::string data_block(const std::string& html) {
  const std::string opening = "id=\"document\">";
  const std::size_t begin = html.find(opening) + opening.size();
  return html.substr(begin, html.find("</script>", begin) - begin);
}

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("the page's document holds every network and proposal", "[page]") {
  const SampleRun sample;
  const ordered_json run = run_of(sample.view);
  const auto& networks = run.at("networks");
  for (const auto& [name, column] : networks.items()) {
    CAPTURE(name);
    CHECK(column.size() == sample.view.records.size());
  }
  CHECK(networks.at("accuracy")[1] == 0.96);
  CHECK(networks.at("netscore")[3].is_null());  // it diverged
  CHECK(networks.at("generator") == json({0, 1, 1, 1}));
  CHECK(networks.at("parent") == json({0, 1, 2, 1}));
  CHECK(networks.at("parameters")[2] == sample.view.record(3).evaluation.cost.parameters());
  CHECK(run.at("outcomes")[networks.at("outcome")[3].get<int>()] == "diverged");
  CHECK(run.at("messages") == json({{"4", "loss is not finite"}}));
  CHECK(run.at("limits").at("parameters") == 2'000'000);
  REQUIRE(run.at("generators").size() == 3);
  CHECK(run.at("generators")[2].at("evidence").size() == 2);
  CHECK(run.at("generators")[1].at("parent") == 0);
}

TEST_CASE("a design's letters say the value of every active decision", "[page]") {
  const SampleRun sample;
  const ordered_json run = run_of(sample.view);
  for (const auto& record : sample.view.records) {
    const std::string letters = run.at("networks").at("design")[static_cast<std::size_t>(record.id) - 1];
    search_space::Design design;
    std::size_t next = 0;
    for (int i = 0; i < static_cast<int>(record.design.size()); ++i) {
      design.push_back(0);  // as the page reads it: what is active follows from what came before
      if (sample.space.active(design, i)) design.back() = letters.at(next++) - '0';
    }
    CHECK(next == letters.size());
    CHECK(design == record.design);
  }
}

TEST_CASE("pictures of networks add up to their costs", "[page]") {
  const SampleRun sample;
  const ordered_json run = run_of(sample.view);
  REQUIRE(run.at("details").size() == sample.view.records.size());
  for (const auto& record : sample.view.records) {
    std::int64_t parameters = 0, multiply_adds = 0;
    const auto& detail = run.at("details").at(std::to_string(record.id));
    for (const auto& layer : detail.at("layers")) {
      parameters += layer[3].get<std::int64_t>();
      multiply_adds += layer[4].get<std::int64_t>();
    }
    CHECK(parameters == record.evaluation.cost.parameters());
    CHECK(multiply_adds == record.evaluation.cost.multiply_adds);
    int slots = 0;
    for (const auto& column : detail.at("columns")) {
      for (const auto& box : column.at("boxes")) slots += box.at("slot").get<int>() >= 0 ? 1 : 0;
    }
    CHECK(slots == static_cast<int>(sample.space.decode(record.design).slots.size()));
  }
}

TEST_CASE("the library's networks stand beside a run's, with the costs that they have at its input", "[page]") {
  const SampleRun sample;
  const ordered_json landmarks = run_of(sample.view).at("landmarks");
  REQUIRE(landmarks.size() > 8);
  std::int64_t before = 0;
  int published = 0;
  for (const auto& landmark : landmarks) {
    const std::string name = landmark.at("name");
    CAPTURE(name);
    auto design = prototypes::load(name + ",channels=1,classes=10").design;
    design.input.height = design.input.width = 28;
    const auto cost = search_space::cost_of(search_space::lower(design));
    CHECK(landmark.at("parameters") == cost.parameters());
    CHECK(landmark.at("multiply_adds") == cost.multiply_adds);
    CHECK(landmark.at("weight_bytes") == cost.weight_bytes(8));
    CHECK(landmark.at("parameters") >= before);
    CHECK(design.key() != sample.space.source().design.key());
    before = landmark.at("parameters");
    if (landmark.at("published").is_null()) continue;
    ++published;
    CHECK_THAT(landmark.at("published").at("data").get<std::string>(), Contains("ImageNet50"));
    if (name == "mobilenet_v1") CHECK(landmark.at("published").at("accuracy") == Approx(0.6452));
  }
  CHECK(published == 7);
}

TEST_CASE("the page tells what the model believes, with costs that are exact", "[page]") {
  const SampleRun sample;
  const ordered_json belief = page_belief(sample.view, {3, 1}, 15);
  CHECK(belief.at("around") == sample.view.best()->id);
  const auto& decisions = sample.space.decisions();
  REQUIRE(belief.at("decisions").size() == decisions.size());
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    REQUIRE(belief.at("decisions")[d].size() == decisions[d].labels.size());
    for (const auto& value : belief.at("decisions")[d]) {
      CHECK(value[1] <= value[0]);
      CHECK(value[0] <= value[2]);
      CHECK(value[3] ==
            Approx(sample.objective.score()(100 * value[0].get<double>(), value[6], value[7])).epsilon(1e-3));
    }
  }
  CHECK(page_belief(sample.view, {}, 15).is_null());
}

TEST_CASE("limits bound the page, and it says what it leaves out", "[page]") {
  SampleRun sample;
  sample.view.generators[1].evidence = {std::string(1000, 'x')};
  sample.view.generators[1].reason = std::string(399, 'y') + "\xc3\xa9 and more";  // the cut falls into a letter
  PageLimits limits;
  limits.details = 2;
  limits.evidence_bytes = 500;
  limits.messages = 0;
  const ordered_json run = run_of(sample.view, limits);
  CHECK(run.at("details").size() == 2);
  CHECK(run.at("details").contains("1"));
  CHECK(run.at("messages").empty());
  CHECK(run.at("generators")[2].contains("evidence"));  // accepted: first
  CHECK(run.at("generators")[1].at("evidence_left_out") == 1);
  CHECK(run.at("generators")[1].at("reason") == std::string(399, 'y') + " ...");
}

TEST_CASE("text of a run cannot leave the page's data", "[page]") {
  SampleRun sample;
  const std::string hostile = "</script><script>alert(1)</script><!-- %DOCUMENT% %POLICY% & \" ' \x01\x7f \xff";
  sample.view.name = hostile;
  sample.view.run.message = hostile;
  sample.view.run.config = "{\"prototype\": \"<img src=x onerror=alert(1)>\"}";
  sample.view.generators[2].evidence = {hostile};
  sample.view.records[3].evaluation.message = hostile;
  const SampleRun harmless;
  const std::string page = page_html(document_of(sample.view)), plain = page_html(document_of(harmless.view));
  for (const char* word : {"<script", "</script", "<!--", "<img"}) {
    CAPTURE(word);
    CHECK(occurrences(page, word) == occurrences(plain, word));
  }
  const json run = json::parse(data_block(page)).at("runs")[0];
  const std::string shown = run.at("name");
  CHECK_THAT(shown,
             Contains("</script><script>alert(1)</script><!-- %DOCUMENT% %POLICY% & \" ' \x01\x7f \xef\xbf\xbd"));
  CHECK(run.at("generators")[2].at("evidence")[0] == shown);
}

TEST_CASE("figures that JSON cannot say are null", "[page]") {
  SampleRun sample;
  sample.view.records[2].performance = -INFINITY;
  sample.view.records[2].accuracy_lower_bound = NAN;
  sample.view.records[2].evaluation.seconds = NAN;
  sample.view.generators[0].kl = NAN;
  sample.view.run.seconds = INFINITY;
  const json run = json::parse(data_block(page_html(document_of(sample.view)))).at("runs")[0];
  CHECK(run.at("networks").at("netscore")[2].is_null());
  CHECK(run.at("networks").at("bound")[2].is_null());
  CHECK(run.at("networks").at("seconds")[2].is_null());
  CHECK(run.at("generators")[0].at("kl").is_null());
  CHECK(run.at("seconds").is_null());
}

TEST_CASE("the page asks nothing of any other place", "[page]") {
  const SampleRun sample;
  const std::string page = page_html(document_of(sample.view));
  CHECK_THAT(page, Contains("default-src 'none'; script-src 'sha256-"));
  CHECK_THAT(page, !Contains("unsafe-inline") && !Contains("unsafe-eval") && !Contains("connect-src"));
  CHECK_THAT(live_page_policy(), Contains("connect-src 'self'") && !Contains("unsafe"));
  const std::regex reference(R"((src|href)\s*=\s*["']?([a-z]+:)?//)");
  CHECK_FALSE(std::regex_search(page.substr(0, page.find("id=\"document\"")), reference));
}

TEST_CASE("a run without networks makes a page", "[page]") {
  SampleRun sample;
  sample.view.records.clear();
  sample.view.generators.clear();
  const ordered_json run = run_of(sample.view);
  CHECK(run.at("best").is_null());
  CHECK(run.at("generators").empty());
  CHECK(run.at("details").empty());
}
