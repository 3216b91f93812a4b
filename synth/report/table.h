// Text tables and the spelling of figures, shared by everything that prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace synth::report {

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::right;
  bool may_shrink = false;  // on a narrow terminal its cells are wrapped at spaces
};

// Plain UTF-8 text without colours. Columns are two spaces apart; trailing blanks are cut.
class Table {
 public:
  explicit Table(std::vector<Column> columns);
  void add(std::vector<std::string> cells);  // missing cells are empty
  void heading(std::string text);            // a line of text of its own, over all columns
  void rule();                               // a line across
  // `columns` is the terminal's width, 0 = unlimited. Shrinkable columns give way first (down to 12), then the lines
  // are left longer than the terminal rather than cut: figures are never lost.
  std::string text(int columns = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // no cells = a rule, one = a heading (tables have at least two columns)
};

int display_width(const std::string& utf8);  // code points

std::string format_count(double value);             // "2.97 M", "41.2 k", "512"
std::string format_bytes(std::int64_t bytes);       // "1.25 MiB", "12.0 KiB", "512 B"
std::string format_percent(double fraction);        // "91.23 %"
std::string format_seconds(double seconds);         // "1 h 02 min", "3 min 20 s", "4.2 s"
std::string format_change(double from, double to);  // "-41.2 %", "+3.0 %"
std::string format_score(double netscore);          // "81.23"

}  // namespace synth::report
