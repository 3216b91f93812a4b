// Text tables and the spelling of figures.
#include "synth/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace synth::report {
namespace {

constexpr int gap = 2;
constexpr int narrowest = 12;  // a shrinkable column keeps at least this, or its own width if that is less

// Lines of at most `width` code points, broken at spaces; a longer word gets a line of its own.
std::vector<std::string> wrapped(const std::string& text, int width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(line);
      line = word;
    } else {
      line += line.empty() && start == 0 ? word : (line.empty() ? "" : " ") + word;
    }
    start = end + 1;
  }
  lines.push_back(line);
  return lines;
}

void append_padded(std::string& line, const std::string& cell, int width, Align align) {
  const std::string blanks(static_cast<std::size_t>(std::max(0, width - display_width(cell))), ' ');
  line += align == Align::right ? blanks + cell : cell + blanks;
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

int display_width(const std::string& utf8) {
  return static_cast<int>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

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

std::string Table::text(int columns) const {
  std::vector<int> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = display_width(columns_[c].title);
    for (const auto& row : rows_) {
      if (row.size() > 1) width = std::max(width, display_width(row[c]));
    }
    widths.push_back(width);
  }
  const int gaps = gap * (static_cast<int>(columns_.size()) - 1);
  const auto total = [&] { return std::accumulate(widths.begin(), widths.end(), gaps); };
  while (columns > 0 && total() > columns) {  // the widest shrinkable column gives way, one place at a time
    int widest = -1;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!columns_[c].may_shrink || widths[c] <= narrowest) continue;
      if (widest < 0 || widths[c] > widths[widest]) widest = static_cast<int>(c);
    }
    if (widest < 0) break;
    --widths[widest];
  }

  std::string out;
  const auto print = [&](const std::vector<std::string>& row) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      cells.push_back(columns_[c].may_shrink ? wrapped(row[c], widths[c]) : std::vector<std::string>{row[c]});
      height = std::max(height, cells.back().size());
    }
    for (std::size_t i = 0; i < height; ++i) {
      std::string line;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        if (c > 0) line.append(gap, ' ');
        append_padded(line, i < cells[c].size() ? cells[c][i] : "", widths[c], columns_[c].align);
      }
      append_line(out, line);
    }
  };
  const std::string across(static_cast<std::size_t>(total()), '-');
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  print(titles);
  append_line(out, across);
  for (const auto& row : rows_) {
    if (row.empty()) {
      append_line(out, across);
    } else if (row.size() == 1) {
      append_line(out, row.front());
    } else {
      print(row);
    }
  }
  return out;
}

std::string format_count(double value) {
  const double size = std::abs(value);
  const auto three_digits = [](double scaled, const char* unit) {
    const int decimals = std::abs(scaled) < 9.995 ? 2 : std::abs(scaled) < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", scaled, decimals, unit);
  };
  if (size >= 999.5e6) return three_digits(value / 1e9, "G");
  if (size >= 999.5e3) return three_digits(value / 1e6, "M");
  if (size >= 1000) return three_digits(value / 1e3, "k");
  return fmt::format("{:.0f}", value);
}

std::string format_bytes(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 1024.0 * 1024 * 1024) return fmt::format("{:.2f} GiB", value / (1024.0 * 1024 * 1024));
  if (value >= 1024.0 * 1024) return fmt::format("{:.2f} MiB", value / (1024.0 * 1024));
  if (value >= 1024.0) return fmt::format("{:.1f} KiB", value / 1024.0);
  return fmt::format("{} B", bytes);
}

std::string format_percent(double fraction) {
  return fmt::format("{:.2f} %", fraction * 100);
}

std::string format_seconds(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{:.1f} s", seconds);
}

std::string format_change(double from, double to) {
  if (from == 0) return to == 0 ? "0.0 %" : "new";
  return fmt::format("{:+.1f} %", (to - from) / from * 100);
}

std::string format_score(double netscore) {
  return std::isfinite(netscore) ? fmt::format("{:.2f}", netscore) : std::string("-");
}

}  // namespace synth::report
