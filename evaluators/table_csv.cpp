// CSV reading: no quoting beyond a pair of quotes around a cell, since the cells are names and numbers.
#include "evaluators/table_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "search_space/errors.h"

namespace evaluators {

using search_space::InputError;

namespace {

std::string_view trimmed(std::string_view cell) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!cell.empty() && blank(cell.front())) cell.remove_prefix(1);
  while (!cell.empty() && blank(cell.back())) cell.remove_suffix(1);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
  return cell;
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0;;) {
    const std::size_t comma = line.find(',', begin);
    cells.push_back(trimmed(line.substr(begin, comma - begin)));
    if (comma == std::string_view::npos) return cells;
    begin = comma + 1;
  }
}

}  // namespace

std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    throw search_space::EnvironmentError(fmt::format("cannot read '{}'; it must be a readable, non-empty file", path));
  }
  return text.str();
}

CsvFile::CsvFile(const std::string& path) : path_(path), text_(read_text_file(path)) {
  parse();
}

void CsvFile::parse() {
  std::string_view rest = text_;
  if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);  // byte-order mark
  for (int line = 1; !rest.empty(); ++line) {
    const std::size_t end = rest.find('\n');
    const std::string_view current = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (trimmed(current).empty()) continue;
    const std::vector<std::string_view> cells = split(current);
    if (header_.empty()) {
      header_.assign(cells.begin(), cells.end());
      continue;
    }
    if (cells.size() != header_.size()) {
      throw InputError(
          fmt::format("{} line {}: found {} cells where the header has {}", path_, line, cells.size(), header_.size()));
    }
    cells_.insert(cells_.end(), cells.begin(), cells.end());
    lines_.push_back(line);
  }
  if (lines_.empty()) throw InputError(fmt::format("{}: no rows; expected a header line and at least one row", path_));
}

bool CsvFile::has(std::string_view column) const {
  return std::find(header_.begin(), header_.end(), column) != header_.end();
}

int CsvFile::column(const std::string& name, const std::string& wanted_by) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end()) {
    throw InputError(fmt::format("{}: no column '{}', which {} asks for{}", path_, name, wanted_by,
                                 search_space::suggestion(name, header_)));
  }
  if (std::find(found + 1, header_.end(), name) != header_.end()) {
    throw InputError(fmt::format("{} line 1: two columns are named '{}'; names must be unique", path_, name));
  }
  return static_cast<int>(found - header_.begin());
}

double CsvFile::number(int row, int column) const {
  const std::string_view text = cell(row, column);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw InputError(fmt::format("{}: found '{}', expected a finite number", place(row, column), text));
  }
  return value;
}

int CsvFile::integer(int row, int column, int low, int high) const {
  const double value = number(row, column);
  if (value != std::floor(value) || value < low || value > high) {
    throw InputError(fmt::format("{}: found '{}', expected an integer from {} to {}", place(row, column),
                                 cell(row, column), low, high));
  }
  return static_cast<int>(value);
}

std::string CsvFile::place(int row, int column) const {
  return fmt::format("{}, column '{}'", place(row), header_[column]);
}

std::string CsvFile::place(int row) const {
  return fmt::format("{} line {}", path_, lines_[row]);
}

}  // namespace evaluators
