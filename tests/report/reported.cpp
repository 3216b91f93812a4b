// The papers' tables: digits as printed, derived figures apart from them, every claim checked.
#include "synth/report/reported.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "synth/engine/objective.h"
#include "synth/report/wrapping.h"
#include "xml.h"

using namespace synth::report;
using Catch::Contains;
using nlohmann::ordered_json;

namespace {

const ordered_json& entry(const ordered_json& document, const std::string& name) {
  for (const auto& network : document.at("networks")) {
    if (network.at("name") == name) return network;
  }
  throw std::logic_error("no network " + name);
}

}  // namespace

TEST_CASE("printed figures keep the papers' digits, and derived ones show a thousandth") {
  const std::string text = reported_text("imagenet50");
  CHECK_THAT(text, Contains("64.52 %") && Contains("567.5 M") && Contains("139.9 M") && Contains("0.32 M"));
  CHECK_THAT(text, Contains("64.5 %") && Contains("1386 K") && Contains("782 K"));
  CHECK_THAT(text, Contains("3.2582 M") && Contains("3258.2 K") && Contains("567.77 M"));
}

TEST_CASE("each level of a row has one source") {
  const auto document = reported_json("imagenet50");
  const synth::engine::NetScore score;
  for (const auto& network : document.at("networks")) {
    INFO(network.at("name"));
    const auto& reported = network.at("reported");
    const double accuracy = reported.at("accuracy").get<double>() * 100;
    CHECK(reported.at("computed_netscore").get<double>() ==
          Approx(score(accuracy, reported.at("parameters").get<double>(), reported.at("multiply_adds").get<double>())));
    if (!reported.at("netscore").is_null()) {
      CHECK(reported.at("computed_netscore").get<double>() ==
            Approx(reported.at("netscore").get<double>()).margin(0.011));
    }
    if (network.at("parameters").is_null()) {
      for (const char* key : {"multiply_adds", "weight_bytes", "netscore"}) CHECK(network.at(key).is_null());
      continue;
    }
    CHECK(network.at("netscore").get<double>() ==
          Approx(score(accuracy, network.at("parameters").get<double>(), network.at("multiply_adds").get<double>())));
    REQUIRE(network.at("weight_bytes").is_number_integer());
    CHECK(network.at("weight_bytes") == network.at("parameters").get<std::int64_t>() * 4);
  }
  CHECK(entry(document, "AttoNet-A").at("netscore") != entry(document, "AttoNet-A").at("reported").at("netscore"));
  CHECK(entry(document, "AttendNet-A").at("parameters").is_null());
  CHECK(entry(document, "AttendNet-A").at("reported").at("parameters") == 1'386'000);
}

TEST_CASE("printed figures that cannot be derived are named, and those that can do not look like them") {
  std::vector<std::string> underivable;
  const auto document = reported_json("imagenet50");
  for (const auto& network : document.at("networks")) {
    const auto& derivation = network.at("derivation");
    CHECK(derivation.is_null() == network.at("parameters").is_null());
    if (derivation.is_null()) continue;
    for (const char* figure : {"parameters", "multiply_adds"}) {
      const double printed = network.at("reported").at(figure).get<double>();
      const auto& mark = derivation.at(figure);
      CHECK(mark.at("difference").get<double>() == Approx(network.at(figure).get<double>() / printed - 1));
      if (!mark.at("reproduced").get<bool>())
        underivable.push_back(network.at("name").get<std::string>() + " " + figure);
    }
  }
  CHECK(underivable == std::vector<std::string>{"ShuffleNet-V2 parameters", "ShuffleNet-V2 multiply_adds",
                                                "AttoNet-A multiply_adds", "AttoNet-B multiply_adds",
                                                "AttoNet-C multiply_adds", "AttoNet-D multiply_adds"});
  const std::string text = reported_text("imagenet50");
  const std::string named = text.substr(text.find("Printed figures that cannot be derived"));
  const std::string list = named.substr(0, named.find("Claims of the papers' texts"));
  CHECK_THAT(list, Contains("ShuffleNet-V2: 1.32 M parameters (-1.") && Contains("140.1 M multiply-adds (+") &&
                       Contains("AttoNet-D: 57.5 M multiply-adds (+7") && !Contains("MobileNet") &&
                       Contains("AttendNet-A"));
}

TEST_CASE("every claim of the papers' texts is listed with what the figures give") {
  std::vector<std::string> contradicted;
  bool parameters = false;
  const auto document = reported_json("imagenet50");
  for (const auto& claim : document.at("claims")) {
    if (claim.at("computed_from") == "reported") {
      const double computed = claim.at("computed").get<double>();
      CHECK(computed == Approx(claim.at("claimed").get<double>()).epsilon(0.15));
    } else {
      CHECK(claim.at("network") == "Atto-MaskRCNN");
      CHECK(claim.at("computed").is_null());
      CHECK(claim.at("readings").size() == 8);  // four AttoNets, with and without a pyramid
      parameters = parameters || (claim.at("quantity") == "parameters" && claim.at("reproduced") == true);
    }
    if (!claim.at("reproduced").get<bool>()) contradicted.push_back(claim.at("text"));
  }
  CHECK(contradicted ==
        std::vector<std::string>{"~8.4x lower weight memory requirements", "~5x fewer multiply-add operations"});
  CHECK(parameters);
  CHECK_THAT(reported_text("imagenet50"), Contains("1.89-2.17") && Contains("with FPN"));
}

TEST_CASE("a claim is held against the figures of its own paper, where both print them") {
  const auto document = reported_json("imagenet50");
  const auto computed = [&](const char* network, const char* baseline) {
    for (const auto& claim : document.at("claims")) {
      if (claim.at("network") == network && claim.at("baseline") == baseline && claim.at("quantity") == "top1") {
        return claim.at("computed").get<double>();
      }
    }
    throw std::logic_error("no such claim");
  };
  CHECK(computed("AttendNet-B", "MobileNet-V1") == Approx(71.7 - 64.5));  // AttendNets, table 1; AttoNets prints 64.52
  CHECK(computed("AttendNet-A", "MobileNet-V2") == Approx(73.2 - 68.7));
  CHECK(computed("AttoNet-D", "MobileNet-V1") == Approx(66.30 - 64.52));  // AttoNets, table 2
}

TEST_CASE("the papers' tables as a plot: every network of either table once") {
  const std::string svg = reported_svg("imagenet50");
  CHECK(test::xml_fault(svg).empty());
  const auto document = reported_json("imagenet50");
  for (const auto& network : document.at("networks")) {
    const std::string label = ">" + network.at("name").get<std::string>() + "<";
    const std::size_t found = svg.find(label);
    REQUIRE(found != std::string::npos);
    CHECK(svg.find(label, found + 1) == std::string::npos);
  }
  CHECK_THAT(svg, Contains("as printed: AttoNets, Table 2 and AttendNets, Table 1") &&
                      Contains("AttoNet-D: 66.30 %, 320 k parameters") &&
                      Contains("AttendNet-B: 71.70 %, 782 k parameters"));
}

TEST_CASE("the papers' tables fit a narrow terminal") {
  for (const int columns : {60, 80}) {
    std::istringstream lines(reported_text("imagenet50", columns));
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(display_width(line) <= columns);
    }
  }
}
