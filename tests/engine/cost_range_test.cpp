// The range of costs of spaces too large to enumerate.
#include <catch2/catch.hpp>

#include "prototypes/library.h"
#include "search_space/search_space.h"
#include "synth/engine/cost_range.h"

using search_space::Cost;
using search_space::Design;
using synth::engine::cost_range;
using synth::engine::CostExtreme;
using synth::engine::CostRange;

namespace {

// The same space with costs in one piece.
class Undivided : public search_space::DesignSpace {
 public:
  explicit Undivided(const search_space::SearchSpace& space) : space_(space) {}
  const std::vector<search_space::Decision>& decisions() const override { return space_.decisions(); }
  const Design& prototype() const override { return space_.prototype(); }
  Cost cost(const Design& design) const override { return space_.cost(design); }
  std::string key(const Design& design) const override { return space_.key(design); }
  Design canonical(Design design) const override { return space_.canonical(std::move(design)); }

 private:
  const search_space::SearchSpace& space_;
};

}  // namespace

TEST_CASE("costs by parts lead to the designs that whole costs lead to") {
  for (const char* name : {"residual9,width=0.25", "mobilenet_v3_small,size=32,classes=10"}) {
    INFO(name);
    const search_space::SearchSpace space(prototypes::load(name));
    const auto requirements = synth::engine::parse_requirements("params<=20k,peak_activation_bytes<=16KiB");
    const CostRange parts = cost_range(space, requirements), whole = cost_range(Undivided(space), requirements);
    CHECK_FALSE(parts.exact);
    CHECK(parts.excess == whole.excess);
    for (const auto extreme : {&CostRange::least_parameters, &CostRange::least_multiply_adds,
                               &CostRange::least_weight_bytes, &CostRange::least_peak_activation,
                               &CostRange::most_parameters, &CostRange::most_multiply_adds, &CostRange::least_excess}) {
      const CostExtreme &found = parts.*extreme, &expected = whole.*extreme;
      CHECK(found.design == expected.design);
      CHECK(found.cost == space.cost(found.design));
      CHECK(found.cost == expected.cost);
      CHECK(found.design == space.canonical(found.design));
    }
  }
}
