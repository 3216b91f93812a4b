// Tables of the form synth/surrogate-table/1: sums of terms, sums of costs, and what is refused.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "evaluators/table.h"
#include "search_space/errors.h"
#include "tests/engine/tiny_tables.h"

using evaluators::load_table;
using search_space::Design;
using search_space::InputError;
using test_engine::TemporaryFolder;
using test_engine::TinySurrogate;

TEST_CASE("a surrogate sums weights of values and pairs, and costs of groups") {
  const TemporaryFolder folder;
  const auto table = load_table(write(folder, TinySurrogate()));
  CHECK(table->mean_accuracy({0, 0, 0}) == Approx(0.80));
  CHECK(table->mean_accuracy({1, 1, 0}) == Approx(0.86));
  CHECK(table->mean_accuracy({2, 2, 0}) == Approx(0.88));    // 80 + 3 - 1 + 6
  CHECK(table->mean_accuracy({1, 0, 1}) == Approx(0.8225));  // the pair stands there as (c, a)
  CHECK(table->cost({2, 1, 1}).parameters() == 9700);
  CHECK(table->cost({2, 1, 0}).parameters() == 8500);  // a negative row
  CHECK(table->cost({2, 1, 1}).multiply_adds == 55000);
  CHECK(table->prototype() == Design{2, 2, 1});
  CHECK_FALSE(table->noisy());
}

TEST_CASE("accuracies of a surrogate stay within 0 and 1") {
  const TemporaryFolder folder;
  TinySurrogate tiny;
  tiny.terms = test_engine::replaced(tiny.terms, "-1,-1,-1,-1,80", "-1,-1,-1,-1,97");
  CHECK(load_table(write(folder, tiny))->mean_accuracy({2, 2, 0}) == 1);
}

TEST_CASE("costs that do not sum to a network lie outside") {
  const TemporaryFolder folder;
  TinySurrogate tiny;
  tiny.costs = test_engine::replaced(tiny.costs, "1,0,,-500,0", "1,0,,-2500,0");
  const auto table = load_table(write(folder, tiny));
  CHECK_THAT(table->why_not({0, 0, 0}), Catch::Contains("-500 parameters"));
  CHECK(table->why_not({2, 2, 0}).empty());
}

TEST_CASE("the costliest network is found where decisions stand in several groups") {
  const TemporaryFolder folder;
  TinySurrogate tiny;
  tiny.side_car["cost"]["groups"] = nlohmann::json::parse(R"([["a", "b"], ["b", "c"]])");
  tiny.costs = "group,v0,v1,params,macs\n";
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b)
      tiny.costs += fmt::format("0,{},{},10,{}\n", a, b, 100 + (7 * a * a + 5 * b + 3 * a * b) % 11);
  }
  for (int b = 0; b < 3; ++b) {
    for (int c = 0; c < 2; ++c) tiny.costs += fmt::format("1,{},{},{},{}\n", b, c, 5 * c, (4 * b + 9 * c) % 7);
  }
  const auto table = load_table(write(folder, tiny));
  const auto highest = table->cost(table->prototype());
  CHECK(table->visit_all(100, [&](const Design& design) {
    const auto cost = table->cost(design);
    CHECK(std::pair(cost.multiply_adds, cost.parameters()) <= std::pair(highest.multiply_adds, highest.parameters()));
  }));
}

TEST_CASE("28 decisions need no list") {
  const TemporaryFolder folder;
  TinySurrogate tiny;
  tiny.side_car["decisions"] = nlohmann::json::array();
  tiny.side_car["cost"]["groups"] = nlohmann::json::array();
  tiny.costs = "group,v0,params,macs\n";
  for (int d = 0; d < 28; ++d) {
    const std::string name = fmt::format("d{}", d);
    tiny.side_car["decisions"].push_back({{"name", name}, {"values", {1, 2, 3}}});
    tiny.side_car["cost"]["groups"].push_back(nlohmann::json::array({name}));
    for (int value = 0; value < 3; ++value)
      tiny.costs += fmt::format("{},{},{},{}\n", d, value, 100 + value, 200 - value);
  }
  const auto table = load_table(write(folder, tiny));
  CHECK(table->log10_size() == Approx(28 * std::log10(3.0)));
  CHECK(table->prototype() == Design(28, 0));
  CHECK_FALSE(table->visit_all(20'000'000, [](const Design&) { FAIL("enumerated 3^28 networks"); }));
}

TEST_CASE("malformed surrogates are refused, naming the place") {
  const TemporaryFolder folder;
  const auto message = [&](const TinySurrogate& tiny) {
    try {
      load_table(write(folder, tiny));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  TinySurrogate tiny;
  SECTION("missing cost row") {
    tiny.costs = test_engine::replaced(tiny.costs, "1,1,-1,700,1000\n", "");
    CHECK_THAT(message(tiny), Catch::Contains("group 1 has no row for value indices 1"));
  }
  SECTION("second cost row") {
    tiny.costs += "1,1,,1,1\n";
    CHECK_THAT(message(tiny), Catch::Contains("costs.csv line 13: a second row"));
  }
  SECTION("group out of range") {
    tiny.costs += "2,1,,1,1\n";
    CHECK_THAT(message(tiny), Catch::Contains("line 13, column 'group': found '2', expected an integer from 0 to 1"));
  }
  SECTION("value in an unused column") {
    tiny.costs = test_engine::replaced(tiny.costs, "1,0,,", "1,0,1,");
    CHECK_THAT(message(tiny), Catch::Contains("line 11, column 'v1'"));
  }
  SECTION("unknown decision in a group") {
    tiny.side_car["cost"]["groups"][0][1] = "bb";
    CHECK_THAT(message(tiny), Catch::Contains("cost.groups[0][1]: found \"bb\"") && Catch::Contains("'b'"));
  }
  SECTION("terms") {
    tiny.terms += "0,3,-1,-1,1\n";
    CHECK_THAT(message(tiny), Catch::Contains("terms.csv line 10, column 'val_a': found '3'"));
    tiny.terms = test_engine::replaced(tiny.terms, "0,3,-1,-1,1\n", "0,1,2,1,5\n");
    CHECK_THAT(message(tiny), Catch::Contains("line 10: the same term as") && Catch::Contains("line 9"));
    tiny.terms = test_engine::replaced(tiny.terms, "0,1,2,1,5\n", "-1,-1,2,1,5\n");
    CHECK_THAT(message(tiny), Catch::Contains("line 10: dec_a is -1"));
    tiny.terms = test_engine::replaced(tiny.terms, "-1,-1,2,1,5\n", "1,1,1,2,5\n");
    CHECK_THAT(message(tiny), Catch::Contains("a pair needs two decisions"));
    tiny.terms = test_engine::replaced(tiny.terms, "1,1,1,2,5\n", "1,1,2,1,inf\n");
    CHECK_THAT(message(tiny), Catch::Contains("column 'weight': found 'inf'"));
  }
  SECTION("terms in another unit than declared") {
    tiny.side_car["accuracy"]["unit"] = "fraction";
    CHECK_THAT(message(tiny), Catch::Contains("tiny_surrogate.json: accuracy.unit: found \"fraction\"") &&
                                  Catch::Contains("expected \"percent\": the terms in 'terms.csv' sum to 83.5"));
    tiny.side_car["accuracy"]["unit"] = "percent";
    tiny.terms = "dec_a,val_a,dec_b,val_b,weight\n-1,-1,-1,-1,0.9\n0,1,-1,-1,0.02\n0,2,-1,-1,-0.5\n";
    CHECK_THAT(message(tiny), Catch::Contains("accuracy.unit: found \"percent\", expected \"fraction\"") &&
                                  Catch::Contains("sum to at most 0.92"));
    tiny.side_car["accuracy"]["unit"] = "fraction";
    CHECK(message(tiny) == "accepted");
    tiny.terms = test_engine::replaced(tiny.terms, "0.9\n", "1.1\n");  // some sums above 1 are cut, as in percent
    CHECK(message(tiny) == "accepted");
  }
  SECTION("unknown column") {
    tiny.terms = test_engine::replaced(tiny.terms, "weight", "wieght");
    CHECK_THAT(message(tiny), Catch::Contains("no column 'weight'") && Catch::Contains("'wieght'"));
  }
}
