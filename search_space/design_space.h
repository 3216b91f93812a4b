// A finite space of designs as an ordered list of decisions. The engine sees nothing else, so that networks and
// tabular benchmarks are searched by the same code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "search_space/cost.h"

namespace search_space {

// One value index per decision. Inactive decisions (see Decision::parent) hold 0 in canonical form.
using Design = std::vector<int>;

struct DesignHash {
  std::size_t operator()(const Design& design) const;
};

struct Decision {
  std::string name;                 // "stage2.slot1.vac.down"
  std::vector<std::string> labels;  // one per value, for people and JSON
  std::vector<double> numbers;      // one per value where the decision is ordinal (widths, kernels), else empty
  int slot = -1;                    // slot it belongs to, -1 = the whole network
  int parent = -1;                  // active only if decision `parent` ...
  int parent_value = -1;            // ... has this value index; -1 = always active

  bool ordinal() const { return !numbers.empty(); }
  int size() const { return static_cast<int>(labels.size()); }
};

class DesignSpace {
 public:
  virtual ~DesignSpace() = default;
  virtual const std::vector<Decision>& decisions() const = 0;
  virtual const Design& prototype() const = 0;              // what G_0 generates
  virtual Cost cost(const Design& design) const = 0;        // exact, known without training
  virtual std::string key(const Design& design) const = 0;  // identity of the network: equal keys, equal network
  virtual std::string why_not(const Design& design) const;  // why the design lies outside; empty if inside
  // One design per network: inactive decisions are 0, and of values with the same effect the first is taken. Designs of
  // equal keys have equal canonical forms.
  virtual Design canonical(Design design) const;

  // Costs fall into parts: of all parts' costs, the greatest peak counts, all else adds up. Where a decision touches
  // few parts, a design that differs in it alone is costed in time that does not grow with the network.
  virtual int parts() const { return 1; }
  virtual std::vector<int> parts_touched(int) const { return {0}; }
  // The first part that offers the same choices: its own decisions are as many, in the same order and with the same
  // values, the decisions that it shares with other parts are the same, and equal values cost the same.
  virtual int like(int part) const { return part; }
  // Absent if the design lies outside the space.
  virtual std::optional<Cost> part_cost(const Design& design, int part) const;

  // Per decision and value: the decisions that it makes active.
  std::vector<std::vector<std::vector<int>>> opened() const;
  bool active(const Design& design, int decision) const;
  double log10_size() const;  // of the number of designs that differ in active decisions
  // In how many decisions two designs differ, both canonical.
  int distance(const Design& first, const Design& second) const;
};

}  // namespace search_space
