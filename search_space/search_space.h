// The space a prototype opens: stem width, stage widths, and per slot the module kind and that kind's parameters.
#pragma once

#include <memory>

#include "search_space/design_space.h"
#include "search_space/prototype.h"

namespace search_space {

class SearchSpace : public DesignSpace {
 public:
  explicit SearchSpace(Prototype prototype);  // InputError if the prototype itself is impossible
  ~SearchSpace() override;

  // From now on costs have their deployment, which takes longer.
  void count_deployment() { deployed_ = true; }
  const std::vector<Decision>& decisions() const override;
  const Design& prototype() const override;
  Cost cost(const Design& design) const override;
  std::string key(const Design& design) const override;
  Design canonical(Design design) const override;
  // Part 0 is the stem, then come the slots, then the head.
  int parts() const override;
  std::vector<int> parts_touched(int decision) const override;
  int like(int part) const override;
  std::optional<Cost> part_cost(const Design& design, int part) const override;

  Architecture decode(const Design& design) const;
  // The canonical design that decodes to the architecture; InputError saying why if it lies outside.
  Design encode(const Architecture& architecture) const;
  const Prototype& source() const;

 private:
  struct Layout;
  Cost with_deployment(const Graph& graph, bool whole) const;  // `whole`: the graph ends in the network's head
  std::unique_ptr<const Layout> layout_;
  bool deployed_ = false;
};

// Why a module kind cannot stand in a slot whatever widths the search chooses; empty if it can.
std::string kind_why_not(const Prototype& prototype, int slot, std::string_view kind);

}  // namespace search_space
