// Tabular benchmarks: a table is a search space and an evaluator at once. Nothing is trained, so that search algorithms
// can be compared on thousands of runs (docs/formats.md, "Tabular benchmarks").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluators/evaluator.h"
#include "search_space/design_space.h"

namespace evaluators {

// What both forms have in common, as read from the side-car.
struct TableHead {
  std::string name;
  std::vector<search_space::Decision> decisions;
  std::optional<search_space::Design> prototype;  // as named by the file
  std::string fingerprint;                        // content hash of all files
};

class Table : public search_space::DesignSpace, public Evaluator {
 public:
  const std::vector<search_space::Decision>& decisions() const override { return head_.decisions; }
  // The one the file names, else the costliest: most multiply-adds, then parameters, then the lowest value indices.
  const search_space::Design& prototype() const override { return prototype_; }
  std::string key(const search_space::Design& design) const override;
  std::string why_not(const search_space::Design& design) const override;

  std::string name() const override { return "table"; }
  std::string settings_key() const override { return "table " + head_.fingerprint; }
  // A design that the table does not hold is a failed outcome. Noisy tables draw one run by the request's seed.
  Evaluation evaluate(const Request& request) const override;

  const std::string& title() const { return head_.name; }
  // Top-1 in [0, 1] without noise: what results are judged on. `design` must lie in the table.
  virtual double mean_accuracy(const search_space::Design& design) const = 0;
  virtual double drawn_accuracy(const search_space::Design& design, std::uint64_t /*seed*/) const {
    return mean_accuracy(design);
  }
  virtual bool noisy() const { return false; }
  // Calls `visit` with every design of the table, in a fixed order; false, without any call, if they are more than
  // `limit`.
  virtual bool visit_all(std::uint64_t limit, const std::function<void(const search_space::Design&)>& visit) const;
  // Accuracy after a fraction of the training, where the table has it.
  virtual std::optional<double> cheap_accuracy(const search_space::Design& /*design*/) const { return std::nullopt; }
  virtual double cheap_cost_fraction() const { return 1; }  // of the full training's cost

 protected:
  explicit Table(TableHead head) : head_(std::move(head)) {}
  // Takes the file's prototype, else `costliest`; InputError if the table does not hold it.
  void settle_prototype(const search_space::Design& costliest);
  // Empty if `design` has one index per decision and each lies in its domain.
  std::string range_error(const search_space::Design& design) const;
  // Why a design within the domains is not held; empty if it is.
  virtual std::string hole(const search_space::Design& design) const = 0;

  TableHead head_;
  search_space::Design prototype_;
};

// Reads a side-car and its CSV files, either form. EnvironmentError where a file cannot be read; InputError naming the
// JSON path or the CSV line, what was found and what is allowed.
std::unique_ptr<const Table> load_table(const std::string& path);

}  // namespace evaluators
