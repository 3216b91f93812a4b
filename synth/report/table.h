// Text tables and the spelling of figures, shared by everything that prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "synth/report/wrapping.h"

namespace synth::report {

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::right;
  bool may_shrink = false;  // words: on a narrow terminal its cells are wrapped at spaces, or go below their row
};

// Plain UTF-8 text without colours. Columns are two spaces apart; trailing blanks are cut. A table that is wider than
// the terminal gives way in this order, until it fits; figures are never cut:
// 1. titles of several words take several lines, and columns of words are wrapped (down to 24 places);
// 2. columns of words go below their row, indented, the widest first;
// 3. cells at the left margin and other words on the left are broken (down to 12 places);
// 4. the table is printed in parts, each with the first column.
class Table {
 public:
  explicit Table(std::vector<Column> columns);
  void add(std::vector<std::string> cells);  // missing cells are empty
  void heading(std::string text);            // a line of text of its own, over all columns
  void rule();                               // a line across
  std::string text(int columns = 0) const;   // `columns`: the terminal's width, 0 = unlimited

 private:
  struct Layout;
  Layout layout(int terminal) const;
  void print(std::string& out, const Layout& layout, const std::vector<std::size_t>& part, bool first) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // no cells = a rule, one = a heading (tables have at least two columns)
};

std::string format_count(double value);             // "2.97 M", "41.2 k", "512"
std::string format_bytes(std::int64_t bytes);       // "1.25 MiB", "12.0 KiB", "512 B"
std::string format_percent(double fraction);        // "91.23 %"
std::string format_seconds(double seconds);         // "1 h 02 min", "3 min 20 s", "4.2 s"
std::string format_change(double from, double to);  // "-41.2 %", "+3.0 %"
std::string format_score(double netscore);          // "81.23"

}  // namespace synth::report
