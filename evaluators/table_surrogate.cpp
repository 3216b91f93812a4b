// Form synth/surrogate-table/1: accuracy is a sum of weights of single decisions and pairs, costs are sums over groups
// of decisions. Evaluation takes O(decisions + pairs + groups), so that spaces of 10^11 networks need no list.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "evaluators/table_csv.h"
#include "evaluators/table_json.h"
#include "search_space/errors.h"
#include "search_space/random.h"

namespace evaluators {

using search_space::Cost;
using search_space::Decision;
using search_space::Design;
using search_space::InputError;

namespace {

constexpr std::size_t largest_group = 10'000'000;  // combinations of one cost group

// Weights of the values of two decisions, row-major in `values`: [value of first][value of second].
struct PairTerm {
  int first = 0, second = 0;
  std::vector<double> values;
};

struct CostGroup {
  std::vector<int> members;        // decision indices
  std::vector<double> parameters;  // mixed radix over the members, the last fastest
  std::vector<double> multiply_adds;

  std::size_t index(const Design& design, const std::vector<Decision>& decisions) const {
    std::size_t index = 0;
    for (const int d : members) index = index * decisions[d].size() + design[d];
    return index;
  }
};

struct Sums {
  double multiply_adds = 0, parameters = 0;
  auto operator<=>(const Sums&) const = default;
};

class SurrogateTable : public Table {
 public:
  SurrogateTable(TableHead head, const JsonPlace& root, const CsvFile& terms, const CsvFile& costs)
      : Table(std::move(head)) {
    read_terms(terms, root.at("accuracy"));
    check_unit(root.at("accuracy"));
    read_groups(root.at("cost"));
    read_costs(root.at("cost"), costs);
    settle_prototype(costliest());
  }

  double mean_accuracy(const Design& design) const override {
    double sum = intercept_;
    for (std::size_t d = 0; d < design.size(); ++d) sum += singles_[d][design[d]];
    for (const PairTerm& pair : pairs_) {
      sum += pair.values[design[pair.first] * head_.decisions[pair.second].size() + design[pair.second]];
    }
    return std::clamp(sum * unit_, 0.0, 1.0);
  }

  Cost cost(const Design& design) const override {
    const Sums sums = sums_of(design);
    Cost cost;
    cost.weights = std::llround(sums.parameters);
    cost.multiply_adds = std::llround(sums.multiply_adds);
    return cost;
  }

 protected:
  std::string hole(const Design& design) const override {
    const Cost found = cost(design);
    if (found.weights >= 1 && found.multiply_adds >= 1) return {};
    return fmt::format("its costs sum to {} parameters and {} multiply-adds; both must be at least 1", found.weights,
                       found.multiply_adds);
  }

 private:
  Sums sums_of(const Design& design) const {
    Sums sums;
    for (const CostGroup& group : groups_) {
      const std::size_t index = group.index(design, head_.decisions);
      sums.parameters += group.parameters[index];
      sums.multiply_adds += group.multiply_adds[index];
    }
    return sums;
  }

  // Rows: -1,-1,-1,-1 = intercept; a,u,-1,-1 = one value; a,u,b,v = a pair of values.
  void read_terms(const CsvFile& csv, const JsonPlace& accuracy) {
    unit_ = accuracy_unit(accuracy);
    const std::string asker = accuracy.at("terms").name();
    int columns[5];
    const char* const names[5] = {"dec_a", "val_a", "dec_b", "val_b", "weight"};
    for (int i = 0; i < 5; ++i) columns[i] = csv.column(names[i], asker);
    for (const Decision& decision : head_.decisions) singles_.emplace_back(decision.size(), 0.0);
    std::map<std::array<int, 4>, int> seen;  // term -> row
    std::map<std::pair<int, int>, std::size_t> pair_index;
    const int last = static_cast<int>(head_.decisions.size()) - 1;
    for (int row = 0; row < csv.rows(); ++row) {
      std::array<int, 4> term;
      for (int i = 0; i < 4; i += 2) {
        term[i] = csv.integer(row, columns[i], -1, last);
        const int low = term[i] < 0 ? -1 : 0;
        term[i + 1] = csv.integer(row, columns[i + 1], low, term[i] < 0 ? -1 : head_.decisions[term[i]].size() - 1);
      }
      if (term[0] < 0 && term[2] >= 0) {
        throw InputError(fmt::format("{}: dec_a is -1 though dec_b is {}; a term of one decision names it under dec_a",
                                     csv.place(row), term[2]));
      }
      if (term[0] >= 0 && term[0] == term[2]) {
        throw InputError(
            fmt::format("{}: dec_a and dec_b are both {}; a pair needs two decisions", csv.place(row), term[0]));
      }
      if (term[2] >= 0 && term[0] > term[2]) term = {term[2], term[3], term[0], term[1]};
      const auto [place, fresh] = seen.emplace(term, row);
      if (!fresh) throw InputError(fmt::format("{}: the same term as {}", csv.place(row), csv.place(place->second)));
      add_term(term, csv.number(row, columns[4]), pair_index);
    }
  }

  void add_term(const std::array<int, 4>& term, double weight, std::map<std::pair<int, int>, std::size_t>& pair_index) {
    if (term[0] < 0) {
      intercept_ = weight;
    } else if (term[2] < 0) {
      singles_[term[0]][term[1]] = weight;
    } else {
      const auto [place, fresh] = pair_index.emplace(std::pair(term[0], term[2]), pairs_.size());
      const int width = head_.decisions[term[2]].size();
      if (fresh)
        pairs_.push_back({term[0], term[2], std::vector<double>(head_.decisions[term[0]].size() * width, 0.0)});
      pairs_[place->second].values[term[1] * width + term[3]] = weight;
    }
  }

  // Sums are cut to 0...100 %, so that terms in another unit would pass for a table of perfect or useless networks.
  void check_unit(const JsonPlace& accuracy) const {
    double average = intercept_, highest = intercept_;  // over all designs; `highest` is an upper bound
    const auto add = [&](const std::vector<double>& values) {
      average += std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
      highest += *std::max_element(values.begin(), values.end());
    };
    for (const std::vector<double>& values : singles_) add(values);
    for (const PairTerm& pair : pairs_) add(pair.values);
    const std::string terms = accuracy.at("terms").text();
    if (unit_ == 1 && average > 1) {
      accuracy.at("unit").fail(fmt::format(
          "\"percent\": the terms in '{}' sum to {:.4g} for the average network, but a fraction is at most 1", terms,
          average));
    }
    if (unit_ != 1 && highest <= 1) {
      accuracy.at("unit").fail(
          fmt::format("\"fraction\": the terms in '{}' sum to at most {:.4g}, which in percent is a useless network",
                      terms, highest));
    }
  }

  void read_groups(const JsonPlace& cost) {
    cost.object().check_keys({"csv", "groups", "parameters", "multiply_adds"});
    std::vector<std::string> known;
    for (const Decision& decision : head_.decisions) known.push_back(decision.name);
    const JsonPlace groups = cost.at("groups");
    if (groups.array_size() == 0) groups.fail("at least one group of decisions");
    for (std::size_t g = 0; g < groups.array_size(); ++g) {
      CostGroup group;
      std::size_t combinations = 1;
      for (std::size_t i = 0; i < groups.at(g).array_size(); ++i) {
        const JsonPlace member = groups.at(g).at(i);
        const auto found = std::find(known.begin(), known.end(), member.text());
        if (found == known.end())
          member.fail("the name of a decision" + search_space::suggestion(member.text(), known));
        const int decision = static_cast<int>(found - known.begin());
        if (std::count(group.members.begin(), group.members.end(), decision))
          member.fail("each decision once in a group");
        group.members.push_back(decision);
        combinations *= head_.decisions[decision].size();
        if (combinations > largest_group)
          groups.at(g).fail(fmt::format("a group of at most {} combinations", largest_group));
      }
      group.parameters.assign(combinations, std::nan(""));
      group.multiply_adds.assign(combinations, std::nan(""));
      groups_.push_back(std::move(group));
    }
  }

  // A group smaller than the largest leaves its last value columns empty or -1.
  void read_costs(const JsonPlace& cost, const CsvFile& csv) {
    const std::string asker = cost.at("csv").name();
    const auto named = [&](const char* key, const char* usual) {
      if (cost.has(key)) return csv.column(cost.at(key).text(), cost.at(key).name());
      return csv.column(csv.has(usual) ? usual : key, asker);
    };
    const int parameters = named("parameters", "params"), multiply_adds = named("multiply_adds", "macs");
    const int group_column = csv.column("group", asker);
    std::vector<int> values;
    std::size_t widest = 0;
    for (const CostGroup& group : groups_) widest = std::max(widest, group.members.size());
    for (std::size_t i = 0; i < widest; ++i) values.push_back(csv.column(fmt::format("v{}", i), asker));
    for (int row = 0; row < csv.rows(); ++row) {
      CostGroup& group = groups_[csv.integer(row, group_column, 0, static_cast<int>(groups_.size()) - 1)];
      std::size_t index = 0;
      for (std::size_t i = 0; i < widest; ++i) {
        if (i < group.members.size()) {
          const int size = head_.decisions[group.members[i]].size();
          index = index * size + csv.integer(row, values[i], 0, size - 1);
        } else if (!csv.cell(row, values[i]).empty()) {
          csv.integer(row, values[i], -1, -1);
        }
      }
      if (!std::isnan(group.parameters[index])) {
        throw InputError(fmt::format("{}: a second row for the same group and values", csv.place(row)));
      }
      group.parameters[index] = csv.number(row, parameters);
      group.multiply_adds[index] = csv.number(row, multiply_adds);
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) check_complete(g, asker);
  }

  void check_complete(std::size_t g, const std::string& asker) const {
    const auto& found = groups_[g].parameters;
    const auto gap = std::find_if(found.begin(), found.end(), [](double value) { return std::isnan(value); });
    if (gap == found.end()) return;
    std::vector<int> values;
    std::size_t rest = gap - found.begin();
    for (auto member = groups_[g].members.rbegin(); member != groups_[g].members.rend(); ++member) {
      values.insert(values.begin(), static_cast<int>(rest % head_.decisions[*member].size()));
      rest /= head_.decisions[*member].size();
    }
    throw InputError(fmt::format("{}: group {} has no row for value indices {}; every combination of a group needs one",
                                 asker, g, fmt::join(values, ",")));
  }

  // Exact where no decision stands in two groups, since then the groups can be maximised one by one.
  Design costliest() const {
    std::vector<int> uses(head_.decisions.size(), 0);
    for (const CostGroup& group : groups_) {
      for (const int d : group.members) ++uses[d];
    }
    if (*std::max_element(uses.begin(), uses.end()) > 1) return costliest_by_search();
    Design design(head_.decisions.size(), 0);
    for (const CostGroup& group : groups_) {
      std::size_t best = 0;
      for (std::size_t i = 1; i < group.parameters.size(); ++i) {
        if (Sums{group.multiply_adds[i], group.parameters[i]} > Sums{group.multiply_adds[best], group.parameters[best]})
          best = i;
      }
      for (auto member = group.members.rbegin(); member != group.members.rend(); ++member) {
        design[*member] = static_cast<int>(best % head_.decisions[*member].size());
        best /= head_.decisions[*member].size();
      }
    }
    return design;
  }

  // Overlapping groups: coordinate search from the highest values and from random designs.
  Design costliest_by_search() const {
    constexpr int starts = 50;
    search_space::Random random(1);
    Design best;
    Sums highest;
    for (int start = 0; start < starts; ++start) {
      Design design;
      for (const Decision& decision : head_.decisions) {
        design.push_back(start == 0 ? decision.size() - 1 : random.below(decision.size()));
      }
      const Sums found = climb(design);
      if (start == 0 || found > highest) {
        highest = found;
        best = design;
      }
    }
    return best;
  }

  Sums climb(Design& design) const {
    Sums now = sums_of(design);
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t d = 0; d < design.size(); ++d) {
        for (int value = 0; value < head_.decisions[d].size(); ++value) {
          const int before = std::exchange(design[d], value);
          const Sums next = sums_of(design);
          if (next > now) {
            now = next;
            moved = true;
          } else {
            design[d] = before;
          }
        }
      }
    }
    return now;
  }

  double unit_ = 1, intercept_ = 0;
  std::vector<std::vector<double>> singles_;  // per decision and value
  std::vector<PairTerm> pairs_;
  std::vector<CostGroup> groups_;
};

}  // namespace

std::unique_ptr<const Table> make_surrogate_table(const JsonPlace& root, const std::string& path,
                                                  const std::string& text) {
  root.check_keys({"schema", "name", "decisions", "accuracy", "cost", "prototype"});
  TableHead head = read_table_head(root);
  root.at("accuracy").object().check_keys({"unit", "terms"});
  const CsvFile terms(beside(path, root.at("accuracy").at("terms").text()));
  const CsvFile costs(beside(path, root.at("cost").at("csv").text()));
  head.fingerprint = search_space::content_hash(text + terms.text() + costs.text());
  return std::make_unique<SurrogateTable>(std::move(head), root, terms, costs);
}

}  // namespace evaluators
