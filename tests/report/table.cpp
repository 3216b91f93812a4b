// Text tables and the spelling of figures.
#include <catch2/catch.hpp>

#include "synth/report/table.h"

using namespace synth::report;

TEST_CASE("columns are aligned by code points and trailing blanks are cut") {
  Table table({{"name", Align::left}, {"value"}, {"note", Align::left}});
  table.add({"é", "1", ""});
  table.heading("group");
  table.add({"long", "1234567", "x"});
  table.rule();
  table.add({"total"});
  REQUIRE(table.text() ==
          "name     value  note\n"
          "--------------------\n"
          "é            1\n"
          "group\n"
          "long   1234567  x\n"
          "--------------------\n"
          "total\n");
}

TEST_CASE("on a narrow terminal wordy columns wrap, figures never do") {
  Table table({{"n"}, {"reason", Align::left, true}});
  table.add({"123456789", "mean U rose by one and a half since"});
  const std::string narrow = table.text(30);
  REQUIRE(narrow ==
          "        n  reason\n"
          "------------------------------\n"
          "123456789  mean U rose by one\n"
          "           and a half since\n");
  REQUIRE(table.text(5).find("123456789") != std::string::npos);
  REQUIRE(table.text(0).find("rose by one and a half since") != std::string::npos);
}

TEST_CASE("figures are spelt with three digits and a unit") {
  REQUIRE(format_count(512) == "512");
  REQUIRE(format_count(999) == "999");
  REQUIRE(format_count(310'346) == "310 k");
  REQUIRE(format_count(41'234) == "41.2 k");
  REQUIRE(format_count(999'600) == "1.00 M");
  REQUIRE(format_count(2'973'000) == "2.97 M");
  REQUIRE(format_count(4.1e9) == "4.10 G");
  REQUIRE(format_bytes(512) == "512 B");
  REQUIRE(format_bytes(12 * 1024) == "12.0 KiB");
  REQUIRE(format_bytes(1'310'720) == "1.25 MiB");
  REQUIRE(format_percent(0.9123) == "91.23 %");
  REQUIRE(format_seconds(4.23) == "4.2 s");
  REQUIRE(format_seconds(59.97) == "1 min 00 s");
  REQUIRE(format_seconds(200) == "3 min 20 s");
  REQUIRE(format_seconds(3720) == "1 h 02 min");
  REQUIRE(format_change(200, 100) == "-50.0 %");
  REQUIRE(format_change(0, 5) == "new");
}
