// CSV files of tabular benchmarks: a header line, then cells that are mostly numbers. Every error names file and line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evaluators {

// The whole file; EnvironmentError if it cannot be read.
std::string read_text_file(const std::string& path);

class CsvFile {
 public:
  explicit CsvFile(const std::string& path);
  CsvFile(const CsvFile&) = delete;  // the cells point into the text
  CsvFile& operator=(const CsvFile&) = delete;

  const std::string& text() const { return text_; }
  int rows() const { return static_cast<int>(lines_.size()); }
  bool has(std::string_view column) const;
  // Index of the column; InputError with the nearest name if there is none, or if two have it. `wanted_by` is the place
  // that names it ("bench.json: accuracy.column").
  int column(const std::string& name, const std::string& wanted_by) const;

  std::string_view cell(int row, int column) const { return cells_[row * columns() + column]; }
  double number(int row, int column) const;                   // finite
  int integer(int row, int column, int low, int high) const;  // within [low, high]
  std::string place(int row, int column) const;               // "file.csv line 12, column 'params'"
  std::string place(int row) const;                           // "file.csv line 12"

 private:
  std::size_t columns() const { return header_.size(); }
  void parse();

  std::string path_;
  std::string text_;
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;  // row by row
  std::vector<int> lines_;               // per row, 1-based
};

}  // namespace evaluators
