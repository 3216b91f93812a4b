// Text tables that fit a terminal.
#include "synth/report/table.h"

#include <algorithm>

namespace synth::report {
namespace {

constexpr int gap = 2;
constexpr int narrow_words = 24, narrowest = 12;  // places left to a column of words, and to any other on the left
constexpr int below_indent = 4;

void append_padded(std::string& line, const std::string& cell, int width, Align align) {
  const std::string blanks(static_cast<std::size_t>(std::max(0, width - display_width(cell))), ' ');
  line += align == Align::right ? blanks + cell : cell + blanks;
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

// Titles are broken at spaces, and after a hyphen in the middle of a long word ("multiply-adds", not "top-1").
int longest_piece(const std::string& title) {
  std::size_t longest = 0;
  for (std::size_t start = 0; start <= title.size();) {
    const std::size_t end = std::min(title.find(' ', start), title.size());
    const std::size_t length = end - start, hyphen = title.find('-', start);
    const bool broken = hyphen < end && hyphen >= start + 3 && hyphen + 3 < end;
    longest = std::max(longest, broken ? std::max(hyphen + 1 - start, end - hyphen - 1) : length);
    start = end + 1;
  }
  return static_cast<int>(longest);
}

}  // namespace

// Widths of columns, which of them stand side by side, and which go below their row.
struct Table::Layout {
  const std::vector<Column>& columns;
  int terminal;                     // 0 = unlimited
  std::vector<int> cells, natural;  // per column: widest cell, and widest cell or title
  std::vector<int> widths;          // given to it
  std::vector<std::size_t> side, below;
  std::vector<std::vector<std::size_t>> parts;  // of `side`, as they are printed one after the other

  int total(const std::vector<std::size_t>& part) const {
    int sum = part.empty() ? 0 : gap * (static_cast<int>(part.size()) - 1);
    for (const std::size_t column : part) sum += widths[column];
    return sum;
  }
  bool fits() const { return terminal <= 0 || total(side) <= terminal; }

  // What a column needs where its title may take several lines.
  int whole_cells(std::size_t c) const { return std::max(cells[c], longest_piece(columns[c].title)); }
  int whole_figures(std::size_t c) const {
    return columns[c].may_shrink ? std::min(whole_cells(c), narrow_words) : whole_cells(c);
  }
  int least(std::size_t c) const {
    return columns[c].align == Align::left ? std::min(whole_cells(c), narrowest) : whole_cells(c);
  }

  // The widest column above its floor gives way, one place at a time, until the table fits.
  void shrink(int (Layout::*floor)(std::size_t) const) {
    while (!fits()) {
      std::size_t widest = columns.size();
      for (const std::size_t c : side) {
        if (widths[c] > (this->*floor)(c) && (widest == columns.size() || widths[c] > widths[widest])) widest = c;
      }
      if (widest == columns.size()) return;
      --widths[widest];
    }
  }

  void fit() {
    widths = natural;
    shrink(&Layout::whole_cells);
    shrink(&Layout::whole_figures);
    while (!fits() && move_below()) {
      widths = natural;
      shrink(&Layout::whole_cells);
      shrink(&Layout::whole_figures);
    }
    std::sort(below.begin(), below.end());
    const std::vector<int> before = widths;
    shrink(&Layout::least);
    if (!fits()) {  // broken words do not help; the parts keep them whole
      widths = before;
      widths[0] = std::min(widths[0], std::max(narrowest, terminal / 3));
    }
    split();
  }

  // The widest column of words goes below. False if there is none; the first column names the row and stays.
  bool move_below() {
    auto widest = side.end();
    for (auto c = side.begin() + 1; c != side.end(); ++c) {
      if (columns[*c].may_shrink && (widest == side.end() || natural[*c] > natural[*widest])) widest = c;
    }
    if (widest == side.end()) return false;
    below.push_back(*widest);
    side.erase(widest);
    return true;
  }

  void split() {
    parts.push_back({0});
    for (std::size_t i = 1; i < side.size(); ++i) {
      parts.back().push_back(side[i]);
      if (terminal <= 0 || parts.back().size() == 2 || total(parts.back()) <= terminal) continue;
      parts.back().pop_back();
      parts.push_back({0, side[i]});
    }
  }
};

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::heading(std::string text) {
  rows_.push_back({std::move(text)});
}

void Table::rule() {
  rows_.emplace_back();
}

Table::Layout Table::layout(int terminal) const {
  Layout layout{columns_, terminal, {}, {}, {}, {}, {}, {}};
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = 0;
    for (const auto& row : rows_) {
      if (row.size() > 1) width = std::max(width, display_width(row[c]));
    }
    layout.cells.push_back(width);
    layout.natural.push_back(std::max(width, display_width(columns_[c].title)));
    layout.side.push_back(c);
  }
  layout.fit();
  return layout;
}

void Table::print(std::string& out, const Layout& layout, const std::vector<std::size_t>& part, bool first) const {
  const auto line_of = [&](const std::vector<std::string>& row) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (const std::size_t c : part) {
      cells.push_back(wrapped_lines(row[c], std::max(1, layout.widths[c])));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t i = 0; i < height; ++i) {
      std::string line;
      for (std::size_t k = 0; k < part.size(); ++k) {
        if (k > 0) line.append(gap, ' ');
        append_padded(line, i < cells[k].size() ? cells[k][i] : "", layout.widths[part[k]], columns_[part[k]].align);
      }
      append_line(out, line);
    }
  };
  const std::string across(static_cast<std::size_t>(layout.total(part)), '-');
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  line_of(titles);
  append_line(out, across);
  for (const auto& row : rows_) {
    if (row.empty()) {
      append_line(out, across);
    } else if (row.size() == 1) {
      append_line(out, wrapped_text(row.front(), layout.terminal, gap));
    } else {
      line_of(row);
      if (!first) continue;
      for (const std::size_t c : layout.below) {
        if (row[c].empty()) continue;
        const std::string text = std::string(below_indent, ' ') + columns_[c].title + ": " + row[c];
        append_line(out, wrapped_text(text, layout.terminal, below_indent + gap));
      }
    }
  }
}

std::string Table::text(int columns) const {
  const Layout found = layout(columns);
  std::string out;
  for (std::size_t i = 0; i < found.parts.size(); ++i) {
    if (i > 0) out += "\n";
    print(out, found, found.parts[i], i == 0);
  }
  return out;
}

}  // namespace synth::report
