// Text tables and the spelling of figures.
#include <algorithm>
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

namespace {

int widest_line(const std::string& text) {
  int widest = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    widest = std::max(widest, display_width(text.substr(start, end - start)));
    start = end + 1;
  }
  return widest;
}

}  // namespace

TEST_CASE("on a narrow terminal wordy columns wrap, then go below their row; figures are never cut") {
  Table table({{"n"}, {"reason", Align::left, true}});
  table.add({"123456789", "mean U rose by one and a half since"});
  REQUIRE(table.text(35) ==
          "        n  reason\n"
          "-----------------------------------\n"
          "123456789  mean U rose by one and a\n"
          "           half since\n");
  REQUIRE(table.text(22) ==
          "        n\n"
          "---------\n"
          "123456789\n"
          "    reason: mean U\n"
          "      rose by one and\n"
          "      a half since\n");
  REQUIRE(table.text(5).find("123456789") != std::string::npos);
  REQUIRE(table.text(0).find("rose by one and a half since") != std::string::npos);
}

TEST_CASE("a table of figures fits a narrow terminal by its titles, then in parts") {
  Table table({{"network", Align::left}, {"top-1"}, {"multiply-adds"}, {"fewer parameters"}});
  table.add({"small", "91.20 %", "12.3 M", "1.5x"});
  table.heading("a group with a name that is longer than the terminal is wide");
  table.add({"large", "92.40 %", "99.9 M", "1x"});
  REQUIRE(table.text(39) ==
          "network    top-1  multiply-       fewer\n"
          "                       adds  parameters\n"
          "---------------------------------------\n"
          "small    91.20 %     12.3 M        1.5x\n"
          "a group with a name that is longer than\n"
          "  the terminal is wide\n"
          "large    92.40 %     99.9 M          1x\n");
  for (const int columns : {20, 24, 30, 60, 80}) {
    const std::string text = table.text(columns);
    CAPTURE(columns, text);
    CHECK(widest_line(text) <= columns);
    for (const char* figure : {"91.20 %", "12.3 M", "1.5x", "99.9 M"}) CHECK(text.find(figure) != std::string::npos);
  }
}

TEST_CASE("an indented name that is broken begins on the line of its row") {
  Table table({{"layer", Align::left}, {"operation", Align::left}, {"parameters"}});
  table.add({"  excite.hard_sigmoid", "hard_sigmoid", "1,234,567"});
  REQUIRE(table.text(37) ==
          "layer         operation\n"
          "--------------------------\n"
          "  excite.     hard_sigmoid\n"
          "hard_sigmoid\n"
          "\n"
          "layer         parameters\n"
          "------------------------\n"
          "  excite.      1,234,567\n"
          "hard_sigmoid\n");
}

TEST_CASE("text is broken at spaces, long words where they must be") {
  REQUIRE(wrapped_text("- one two three\n\nshort\n", 9, 2) == "- one two\n  three\n\nshort\n");
  REQUIRE(wrapped_text("  indented words stay so", 12) == "  indented\n  words stay\n  so");
  REQUIRE(wrapped_text("abcdefgh-ijklmnop é", 10) == "abcdefgh-\nijklmnop é");
  REQUIRE(wrapped_text("any length", 0) == "any length");
}

TEST_CASE("figures are spelt with three digits and a unit") {
  REQUIRE(format_count(512) == "512");
  REQUIRE(format_count(999) == "999");
  REQUIRE(format_count(310'346) == "310 k");
  REQUIRE(format_count(41'234) == "41.2 k");
  REQUIRE(format_count(999'600) == "1.00 M");
  REQUIRE(format_count(2'973'000) == "2.97 M");
  REQUIRE(format_count(4.1e9) == "4.10 G");
  REQUIRE(format_count(999.6e9) == "1.00 T");
  REQUIRE(format_count(2058.42e12) == "2058 T");
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
