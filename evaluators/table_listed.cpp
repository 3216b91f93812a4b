// Form synth/table/1: every network is a row of a CSV file.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "evaluators/table_csv.h"
#include "evaluators/table_json.h"
#include "search_space/errors.h"
#include "search_space/random.h"

namespace evaluators {

using search_space::Cost;
using search_space::Design;
using search_space::InputError;

namespace {

// Columns of the CSV file, by their part.
struct Columns {
  std::vector<int> decisions, runs;
  int accuracy = -1, cheap = -1, parameters = -1, multiply_adds = -1;  // accuracy -1: the mean of the runs
};

class ListedTable : public Table {
 public:
  ListedTable(TableHead head, const JsonPlace& root, const CsvFile& csv) : Table(std::move(head)) {
    const Columns columns = read_columns(root, csv);
    set_strides(csv);
    read_rows(columns, csv);
    settle_prototype(costliest());
  }

  Cost cost(const Design& design) const override { return rows_[row_of(design)].cost; }
  double mean_accuracy(const Design& design) const override { return rows_[row_of(design)].accuracy; }
  double drawn_accuracy(const Design& design, std::uint64_t seed) const override {
    const std::size_t row = row_of(design);
    if (run_count_ == 0) return rows_[row].accuracy;
    return runs_[row * run_count_ + search_space::Random(seed).below(run_count_)];
  }
  bool noisy() const override { return run_count_ > 1; }
  std::optional<double> cheap_accuracy(const Design& design) const override {
    if (cheap_.empty()) return std::nullopt;
    return cheap_[row_of(design)];
  }
  double cheap_cost_fraction() const override { return cheap_fraction_; }
  bool visit_all(std::uint64_t limit, const std::function<void(const Design&)>& visit) const override {
    if (rows_.size() > limit) return false;
    for (const Row& row : rows_) visit(design_of(row));
    return true;
  }

 protected:
  std::string hole(const Design& design) const override {
    return row_by_index_.count(index_of(design)) ? "" : "the table has no row for this combination of values";
  }

 private:
  struct Row {
    double accuracy = 0;  // mean, in [0, 1]
    Cost cost;
    std::uint64_t index = 0;
  };

  std::uint64_t index_of(const Design& design) const {
    std::uint64_t index = 0;
    for (std::size_t d = 0; d < design.size(); ++d) index += strides_[d] * static_cast<std::uint64_t>(design[d]);
    return index;
  }

  std::size_t row_of(const Design& design) const {
    const auto found = row_by_index_.find(index_of(design));
    if (found == row_by_index_.end()) throw InputError(fmt::format("table '{}': {}", head_.name, hole(design)));
    return found->second;
  }

  Columns read_columns(const JsonPlace& root, const CsvFile& csv) {
    Columns columns;
    const auto find = [&](const JsonPlace& name) { return csv.column(name.text(), name.name()); };
    for (std::size_t d = 0; d < head_.decisions.size(); ++d) {
      columns.decisions.push_back(find(root.at("decisions").at(d).at("name")));
    }
    const JsonPlace accuracy = root.at("accuracy");
    accuracy.object().check_keys({"column", "unit", "runs"});
    unit_ = accuracy_unit(accuracy);
    if (accuracy.has("runs")) {
      const JsonPlace runs = accuracy.at("runs");
      if (runs.array_size() == 0) runs.fail("at least one column");
      for (std::size_t i = 0; i < runs.array_size(); ++i) columns.runs.push_back(find(runs.at(i)));
    }
    if (columns.runs.empty() || accuracy.has("column")) columns.accuracy = find(accuracy.at("column"));
    if (root.has("cheap_accuracy")) {
      const JsonPlace cheap = root.at("cheap_accuracy");
      cheap.object().check_keys({"column", "unit", "cost_fraction"});
      columns.cheap = find(cheap.at("column"));
      cheap_unit_ = accuracy_unit(cheap);
      cheap_fraction_ = cheap.at("cost_fraction").number();
      if (!(cheap_fraction_ > 0 && cheap_fraction_ <= 1))
        cheap.at("cost_fraction").fail("a fraction above 0, at most 1");
    }
    columns.parameters = find(root.at("parameters"));
    columns.multiply_adds = find(root.at("multiply_adds"));
    return columns;
  }

  // Mixed radix, the last decision fastest.
  void set_strides(const CsvFile& csv) {
    strides_.assign(head_.decisions.size(), 1);
    std::uint64_t stride = 1;
    for (std::size_t d = strides_.size(); d-- > 0;) {
      strides_[d] = stride;
      const auto size = static_cast<std::uint64_t>(head_.decisions[d].size());
      if (stride > std::numeric_limits<std::int64_t>::max() / size) {
        throw InputError(
            fmt::format("table '{}': more than 2^63 combinations of values for {} rows; a list cannot cover such a "
                        "space, use \"synth/surrogate-table/1\"",
                        head_.name, csv.rows()));
      }
      stride *= size;
    }
  }

  double accuracy_at(const CsvFile& csv, int row, int column, double unit) {
    const double value = csv.number(row, column);
    if (value < 0 || value * unit > 1) {
      throw InputError(fmt::format("{}: found accuracy {}, expected {}", csv.place(row, column), value,
                                   unit == 1 ? "a fraction from 0 to 1" : "percent from 0 to 100"));
    }
    return value * unit;
  }

  static std::int64_t count_at(const CsvFile& csv, int row, int column) {
    const double value = csv.number(row, column);
    if (value < 1 || value > 9e15) {
      throw InputError(fmt::format("{}: found {}, expected a count of at least 1 (not in thousands or millions)",
                                   csv.place(row, column), value));
    }
    return std::llround(value);
  }

  void read_rows(const Columns& columns, const CsvFile& csv) {
    run_count_ = static_cast<int>(columns.runs.size());
    rows_.reserve(csv.rows());
    row_by_index_.reserve(csv.rows());
    double highest = 0;
    for (int r = 0; r < csv.rows(); ++r) {
      Row row;
      for (std::size_t d = 0; d < strides_.size(); ++d) {
        row.index += strides_[d] * csv.integer(r, columns.decisions[d], 0, head_.decisions[d].size() - 1);
      }
      const auto [place, fresh] = row_by_index_.emplace(row.index, rows_.size());
      if (!fresh) {
        throw InputError(fmt::format("{}: the same network as {}; every network may stand once", csv.place(r),
                                     csv.place(static_cast<int>(place->second))));
      }
      double sum = 0;
      for (const int column : columns.runs) {
        runs_.push_back(accuracy_at(csv, r, column, unit_));
        sum += runs_.back();
      }
      row.accuracy = columns.accuracy >= 0 ? accuracy_at(csv, r, columns.accuracy, unit_) : sum / run_count_;
      if (columns.cheap >= 0) cheap_.push_back(accuracy_at(csv, r, columns.cheap, cheap_unit_));
      row.cost.weights = count_at(csv, r, columns.parameters);
      row.cost.multiply_adds = count_at(csv, r, columns.multiply_adds);
      highest = std::max(highest, row.accuracy);
      rows_.push_back(row);
    }
    if (unit_ != 1 && highest <= 0.01) {
      throw InputError(fmt::format(
          "table '{}': no accuracy is above 1 though accuracy.unit is \"percent\"; is it \"fraction\"?", head_.name));
    }
  }

  Design costliest() const {
    const auto rank = [](const Row& row) { return std::tuple(row.cost.multiply_adds, row.cost.weights, ~row.index); };
    const auto most = std::max_element(rows_.begin(), rows_.end(),
                                       [&](const Row& first, const Row& second) { return rank(first) < rank(second); });
    return design_of(*most);
  }

  Design design_of(const Row& row) const {
    Design design;
    std::uint64_t rest = row.index;
    for (const std::uint64_t stride : strides_) {
      design.push_back(static_cast<int>(rest / stride));
      rest %= stride;
    }
    return design;
  }

  double unit_ = 1, cheap_unit_ = 1, cheap_fraction_ = 1;
  int run_count_ = 0;
  std::vector<std::uint64_t> strides_;  // per decision
  std::vector<Row> rows_;               // in the order of the file
  std::vector<double> runs_;            // rows x run_count_
  std::vector<double> cheap_;           // per row, or empty
  std::unordered_map<std::uint64_t, std::size_t> row_by_index_;
};

}  // namespace

std::unique_ptr<const Table> make_listed_table(const JsonPlace& root, const std::string& path,
                                               const std::string& text) {
  root.check_keys(
      {"schema", "name", "csv", "decisions", "accuracy", "cheap_accuracy", "parameters", "multiply_adds", "prototype"});
  TableHead head = read_table_head(root);
  const CsvFile csv(beside(path, root.at("csv").text()));
  head.fingerprint = search_space::content_hash(text + csv.text());
  return std::make_unique<ListedTable>(std::move(head), root, csv);
}

}  // namespace evaluators
