// Tables of the form synth/table/1: what they hold, and what is refused.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "evaluators/table.h"
#include "search_space/errors.h"
#include "tests/engine/tiny_tables.h"

using evaluators::load_table;
using search_space::InputError;
using test_engine::TemporaryFolder;
using test_engine::TinyListed;

namespace {

evaluators::Request request_of(const search_space::Design& design, std::uint64_t seed) {
  evaluators::Request request;
  request.design = design;
  request.seed = seed;
  return request;
}

}  // namespace

TEST_CASE("a table whose numbers are beyond all bounds is no valid JSON") {
  const TemporaryFolder folder;
  const std::string path = folder.write("table.json", "{\"schema\": 1e999}");
  CHECK_THROWS_WITH(load_table(path), Catch::Contains(path + ": not valid JSON"));
}

TEST_CASE("a listed table is a space and an evaluator") {
  const TemporaryFolder folder;
  const auto table = load_table(write(folder, TinyListed()));
  REQUIRE(table->decisions().size() == 3);
  CHECK(table->decisions()[0].ordinal());
  CHECK(table->decisions()[0].numbers == std::vector<double>{8, 16, 24, 32});
  CHECK_FALSE(table->decisions()[1].ordinal());
  CHECK(table->decisions()[1].labels == std::vector<std::string>{"none", "conv", "pool"});
  CHECK(table->prototype() == search_space::Design{3, 1, 1});  // the costliest
  CHECK(table->cost({1, 2, 0}).parameters() == 8000);
  CHECK(table->cost({1, 2, 0}).multiply_adds == 4000000);
  const auto evaluation = table->evaluate(request_of({1, 2, 0}, 7));
  CHECK(evaluation.outcome == evaluators::Outcome::trained);
  CHECK(evaluation.accuracy == Approx(0.875));
  CHECK(evaluation.samples == 0);
  CHECK(evaluation.cost == table->cost({1, 2, 0}));
  CHECK(table->cheap_accuracy({1, 2, 0}).value() == Approx(0.675));
  CHECK(table->cheap_cost_fraction() == 0.1);
  CHECK_FALSE(table->noisy());
  CHECK(table->key({1, 2, 0}) != table->key({1, 0, 2}));
  CHECK(table->why_not({1, 2, 0}).empty());
  CHECK_THAT(table->why_not({4, 2, 0}), Catch::Contains("'width'"));
  CHECK_FALSE(table->why_not({1, 2}).empty());
}

TEST_CASE("the prototype that the side-car names is taken") {
  const TemporaryFolder folder;
  TinyListed tiny;
  tiny.side_car["prototype"] = {1, 0, 1};
  CHECK(load_table(write(folder, tiny))->prototype() == search_space::Design{1, 0, 1});
}

TEST_CASE("a combination without a row lies outside the table") {
  const TemporaryFolder folder;
  TinyListed tiny;
  const std::size_t begin = tiny.csv.find("1,2,0,");
  tiny.csv.erase(begin, tiny.csv.find('\n', begin) - begin + 1);
  const auto table = load_table(write(folder, tiny));
  CHECK_THAT(table->why_not({1, 2, 0}), Catch::Contains("no row"));
  CHECK(table->evaluate(request_of({1, 2, 0}, 1)).outcome == evaluators::Outcome::failed);
  int held = 0;
  CHECK(table->visit_all(23, [&](const search_space::Design& design) { held += table->why_not(design).empty(); }));
  CHECK(held == 23);
  CHECK_FALSE(table->visit_all(22, [](const search_space::Design&) { FAIL("called beyond the limit"); }));
}

TEST_CASE("a noisy table draws one run by the request's seed and is judged on the mean") {
  const TemporaryFolder folder;
  TinyListed tiny;
  tiny.side_car["accuracy"] = {{"unit", "percent"}, {"runs", {"run_a", "run_b"}}};
  const auto table = load_table(write(folder, tiny));
  CHECK(table->noisy());
  CHECK(table->mean_accuracy({1, 2, 0}) == Approx(0.875));
  std::set<double> drawn;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const double accuracy = table->evaluate(request_of({1, 2, 0}, seed)).accuracy;
    CHECK(accuracy == table->evaluate(request_of({1, 2, 0}, seed)).accuracy);
    drawn.insert(accuracy);
  }
  REQUIRE(drawn.size() == 2);
  CHECK(*drawn.begin() == Approx(0.855));
  CHECK(*drawn.rbegin() == Approx(0.895));
}

TEST_CASE("accuracies as fractions and unknown notes are read") {
  const TemporaryFolder folder;
  TinyListed tiny;
  tiny.side_car["accuracy"]["unit"] = "fraction";
  tiny.side_car["source"] = "made up";
  tiny.side_car.erase("cheap_accuracy");
  tiny.side_car["decisions"] = {{{"name", "d"}, {"values", {1, 2}}}};
  tiny.csv =
      "\xEF\xBB\xBF"
      "d,top1,params,macs\r\n0,0.5,10,20\r\n\r\n1,\"0.75\",5,20\r\n";
  const auto table = load_table(write(folder, tiny));
  CHECK(table->mean_accuracy({1}) == 0.75);
  CHECK(table->prototype() == search_space::Design{0});  // equal multiply-adds, more parameters
  CHECK_FALSE(table->cheap_accuracy({1}).has_value());
}

TEST_CASE("malformed listed tables are refused, naming the place") {
  const TemporaryFolder folder;
  const auto message = [&](const TinyListed& tiny) {
    try {
      load_table(write(folder, tiny));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  TinyListed tiny;
  SECTION("duplicate row") {
    tiny.csv += "1,2,0,80,80,80,60,10,10\n";
    CHECK_THAT(message(tiny), Catch::Contains("tiny.csv line 26: the same network as") && Catch::Contains("line 12"));
  }
  SECTION("value index out of range") {
    tiny.csv = test_engine::replaced(tiny.csv, "\n0,0,1,", "\n0,3,1,");
    CHECK_THAT(message(tiny), Catch::Contains("line 3, column 'op': found '3', expected an integer from 0 to 2"));
  }
  SECTION("not a number") {
    tiny.csv += "0,0,0,nan,80,80,60,10,10\n";
    CHECK_THAT(message(tiny), Catch::Contains("line 26") && Catch::Contains("the same network"));
    tiny.csv = test_engine::replaced(tiny.csv, "\n0,0,1,80.5,", "\n0,0,1,nan,");
    CHECK_THAT(message(tiny), Catch::Contains("line 3, column 'top1': found 'nan', expected a finite number"));
  }
  SECTION("percent where a fraction is announced, and the other way round") {
    tiny.side_car["accuracy"]["unit"] = "fraction";
    CHECK_THAT(message(tiny), Catch::Contains("column 'top1'") && Catch::Contains("a fraction from 0 to 1"));
    tiny.side_car["accuracy"]["unit"] = "percent";
    tiny.side_car["accuracy"]["column"] = "kernel";
    CHECK_THAT(message(tiny), Catch::Contains("is it \"fraction\"?"));
    tiny.side_car["accuracy"]["unit"] = "permille";
    CHECK_THAT(message(tiny), Catch::Contains("accuracy.unit: found \"permille\""));
  }
  SECTION("unknown column") {
    tiny.side_car["parameters"] = "parms";
    CHECK_THAT(message(tiny), Catch::Contains("no column 'parms'") && Catch::Contains("'params'"));
  }
  SECTION("costs in millions") {
    tiny.csv += "";
    tiny.csv = test_engine::replaced(tiny.csv, ",1000,500000\n", ",0.001,500000\n");
    CHECK_THAT(message(tiny), Catch::Contains("line 2, column 'params'") && Catch::Contains("count"));
  }
  SECTION("missing cell") {
    tiny.csv += "0,0\n";
    CHECK_THAT(message(tiny), Catch::Contains("line 26: found 2 cells where the header has 9"));
  }
  SECTION("no rows") {
    tiny.csv = "width,op\n";
    CHECK_THAT(message(tiny), Catch::Contains("no rows"));
  }
  SECTION("missing and mistyped keys") {
    tiny.side_car["prototipe"] = {0, 0, 0};
    CHECK_THAT(message(tiny), Catch::Contains("unknown key 'prototipe'") && Catch::Contains("'prototype'"));
    tiny.side_car.erase("prototipe");
    tiny.side_car.erase("multiply_adds");
    CHECK_THAT(message(tiny), Catch::Contains("'multiply_adds' is missing"));
  }
  SECTION("impossible prototypes") {
    tiny.side_car["prototype"] = {0, 0};
    CHECK_THAT(message(tiny), Catch::Contains("prototype: found [0,0], expected 3 value indices"));
    tiny.side_car["prototype"] = {0, 0, 2};
    CHECK_THAT(message(tiny), Catch::Contains("prototype[2]: found 2, expected an integer from 0 to 1"));
  }
  SECTION("decisions") {
    tiny.side_car["decisions"][1]["values"][2] = "conv";
    CHECK_THAT(message(tiny), Catch::Contains("decisions[1].values[2]"));
    tiny.side_car["decisions"][1]["name"] = "width";
    CHECK_THAT(message(tiny), Catch::Contains("decisions[1]"));
    tiny.side_car["decisions"] = nlohmann::json::array();
    CHECK_THAT(message(tiny), Catch::Contains("decisions: found []"));
  }
  SECTION("schema") {
    tiny.side_car["schema"] = "synth/table/9";
    CHECK_THAT(message(tiny), Catch::Contains("schema: found \"synth/table/9\""));
  }
}

TEST_CASE("missing table files and broken JSON") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(load_table(folder.write("x.json", "") + ".absent"), search_space::EnvironmentError);
  CHECK_THROWS_AS(load_table(folder.write("x.json", "{\"schema\": ")), InputError);
  CHECK_THROWS_AS(load_table(folder.write("y.json", TinyListed().side_car.dump())), search_space::EnvironmentError);
}

TEST_CASE("NAS-Bench-201 is read as published") {
  const char* folder = std::getenv("SYNTH_NAS_TABLES");
  const std::string base = folder != nullptr ? folder : SYNTH_SOURCE_DIR "/../shared/data/nas-tables";
  if (!std::filesystem::exists(base + "/nasbench201_cifar10.json")) {
    WARN("skipped: no NAS-Bench-201 table at " << base << " (set SYNTH_NAS_TABLES)");
    SUCCEED();
    return;
  }
  const auto table = load_table(base + "/nasbench201_cifar10.json");
  int networks = 0;
  CHECK(table->visit_all(20000, [&](const search_space::Design&) { ++networks; }));
  CHECK(networks == 15625);
  CHECK(table->prototype() == search_space::Design(6, 3));  // 3x3 convolutions everywhere
  CHECK(table->mean_accuracy(search_space::Design(6, 0)) == Approx(0.10));
  CHECK(table->cost(search_space::Design(6, 0)).parameters() == 73306);
}
