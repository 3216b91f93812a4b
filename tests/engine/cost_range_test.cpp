// The range of costs of spaces too large to enumerate.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "prototypes/prototype_json.h"
#include "search_space/module.h"
#include "search_space/random.h"
#include "search_space/search_space.h"
#include "synth/engine/cost_range.h"
#include "synth/engine/cost_search.h"

using search_space::Cost;
using search_space::Design;
using search_space::SearchSpace;
using synth::engine::cost_range;
using synth::engine::CostExtreme;
using synth::engine::CostRange;
using synth::engine::parse_requirements;
using synth::engine::Requirements;

namespace {

constexpr CostExtreme CostRange::*least[] = {&CostRange::least_parameters, &CostRange::least_multiply_adds,
                                             &CostRange::least_weight_bytes, &CostRange::least_peak_activation};
constexpr CostExtreme CostRange::*most[] = {&CostRange::most_parameters, &CostRange::most_multiply_adds};

// Three stages of three slots, each first holding `own`.
SearchSpace space_of(const std::vector<std::string>& kinds, const nlohmann::ordered_json& own, int multiple,
                     bool open_widths, int slots = 3) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  for (const int width : {32, 64, 96}) {
    stages.push_back({{"width", width}, {"stride", width > 32 ? 2 : 1}, {"slots", slots}, {"module", own}});
    if (!open_widths) stages.back()["widths"] = nlohmann::json::array();
  }
  nlohmann::ordered_json json = {
      {"schema", "synth/prototype/1"},
      {"name", "drawn"},
      {"input", {{"channels", 3}, {"height", 32}, {"width", 32}}},
      {"classes", 10},
      {"channel_multiple", multiple},
      {"stem", nlohmann::json::array({{{"op", "conv"}, {"width", 16}, {"kernel", 3}}})},
      {"kinds", kinds},
      {"stages", stages},
  };
  if (!open_widths) json["stem_widths"] = nlohmann::json::array();
  return SearchSpace(prototypes::prototype_from_json(json, "drawn"));
}

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds;
  for (const auto* type : search_space::module_registry()) kinds.emplace_back(type->name());
  return kinds;
}

// The same space with costs in one piece, as tables have them.
class Undivided : public search_space::DesignSpace {
 public:
  explicit Undivided(const SearchSpace& space) : space_(space) {}
  const std::vector<search_space::Decision>& decisions() const override { return space_.decisions(); }
  const Design& prototype() const override { return space_.prototype(); }
  Cost cost(const Design& design) const override { return space_.cost(design); }
  std::string key(const Design& design) const override { return space_.key(design); }
  Design canonical(Design design) const override { return space_.canonical(std::move(design)); }

 private:
  const SearchSpace& space_;
};

// The costs of a part with every combination of its own decisions.
void try_all(const SearchSpace& space, int part, const std::vector<int>& own, std::size_t at, Design& design,
             std::vector<Cost>& found) {
  if (at == own.size()) {
    found.push_back(space.part_cost(design, part).value());
    return;
  }
  design[own[at]] = 0;
  const int values = space.active(design, own[at]) ? space.decisions()[own[at]].size() : 1;
  for (; design[own[at]] < values; ++design[own[at]]) try_all(space, part, own, at + 1, design, found);
  design[own[at]] = 0;
}

}  // namespace

TEST_CASE("a module kind more never narrows the range of costs") {
  const std::vector<nlohmann::ordered_json> owns = {"grouped",
                                                    "vac",
                                                    "inverted_residual_v3",
                                                    {{"kind", "conv"}, {"parameters", {{"kernel", 3}}}},
                                                    {{"kind", "bottleneck"}, {"parameters", {{"inner", 16}}}}};
  search_space::Random random(search_space::stream_seed(1, "kinds", "drawn sets"));
  int compared = 0;
  for (int i = 0; i < 40; ++i) {
    std::vector<std::string> kinds = all_kinds();
    random.shuffle(kinds);
    const std::vector<std::string> few(kinds.begin(), kinds.begin() + 1 + random.below(3));
    const std::vector<std::string> more(kinds.begin(), kinds.begin() + few.size() + 1 + random.below(5));
    const auto& own = owns[random.below(static_cast<int>(owns.size()))];
    const int multiple = std::vector<int>{1, 4, 8}[random.below(3)];
    const bool open_widths = random.below(2) == 1;
    CAPTURE(few, more, own.dump(), multiple, open_widths);
    const CostRange narrow = cost_range(space_of(few, own, multiple, open_widths), {});
    const CostRange wide = cost_range(space_of(more, own, multiple, open_widths), {});
    compared += narrow.exact ? 0 : 1;
    CHECK(wide.least_parameters.cost.parameters() <= narrow.least_parameters.cost.parameters());
    CHECK(wide.least_multiply_adds.cost.multiply_adds <= narrow.least_multiply_adds.cost.multiply_adds);
    CHECK(wide.least_weight_bytes.cost.weight_bytes(32) <= narrow.least_weight_bytes.cost.weight_bytes(32));
    CHECK(wide.least_peak_activation.cost.peak_activations <= narrow.least_peak_activation.cost.peak_activations);
    CHECK(wide.most_parameters.cost.parameters() >= narrow.most_parameters.cost.parameters());
    CHECK(wide.most_multiply_adds.cost.multiply_adds >= narrow.most_multiply_adds.cost.multiply_adds);
  }
  CHECK(compared > 20);
}

TEST_CASE("extremes are those of every part's modules, all of them tried, where widths are given") {
  for (const std::string& kind : all_kinds()) {
    INFO(kind);
    const SearchSpace space = space_of({kind}, "grouped", 1, false, 1);
    std::int64_t parameters[2] = {0, 0}, multiply_adds[2] = {0, 0}, peak = 0;
    for (int part = 0; part < space.parts(); ++part) {
      std::vector<int> own;
      for (int i = 0; i < static_cast<int>(space.decisions().size()); ++i)
        if (space.parts_touched(i) == std::vector<int>{part}) own.push_back(i);
      Design design(space.decisions().size(), 0);
      std::vector<Cost> found;
      try_all(space, part, own, 0, design, found);
      const auto ends = [&](auto value) {
        const auto [low, high] =
            std::minmax_element(found.begin(), found.end(), [&](auto& a, auto& b) { return value(a) < value(b); });
        return std::pair(value(*low), value(*high));
      };
      const auto [fewest, most_found] = ends([](const Cost& cost) { return cost.parameters(); });
      const auto [quickest, slowest] = ends([](const Cost& cost) { return cost.multiply_adds; });
      parameters[0] += fewest;
      parameters[1] += most_found;
      multiply_adds[0] += quickest;
      multiply_adds[1] += slowest;
      peak = std::max(peak, ends([](const Cost& cost) { return cost.peak_activations; }).first);
    }
    const CostRange range = cost_range(space, {});
    CHECK_FALSE(range.exact);
    CHECK(range.least_parameters.cost.parameters() == parameters[0]);
    CHECK(range.most_parameters.cost.parameters() == parameters[1]);
    CHECK(range.least_multiply_adds.cost.multiply_adds == multiply_adds[0]);
    CHECK(range.most_multiply_adds.cost.multiply_adds == multiply_adds[1]);
    CHECK(range.least_peak_activation.cost.peak_activations == peak);
  }
}

TEST_CASE("extremes are networks of the space, and no drawn network is beyond them") {
  for (const char* name : {"residual9,width=0.25", "mobilenet_v3_small,size=32,classes=10", "attendnet_style"}) {
    INFO(name);
    const SearchSpace space(prototypes::load(name));
    const CostRange range = cost_range(space, parse_requirements("weight_bits=8"));
    CHECK_FALSE(range.exact);
    for (const auto& some : {std::vector(std::begin(least), std::end(least)), {std::begin(most), std::end(most)}}) {
      for (const auto extreme : some) {
        const CostExtreme& found = range.*extreme;
        CHECK(found.design == space.canonical(found.design));
        CHECK(space.why_not(found.design).empty());
        CHECK(found.cost == space.cost(found.design));
      }
    }
    search_space::Random random(search_space::stream_seed(3, name, "drawn networks"));
    for (int i = 0; i < 200; ++i) {
      Design design;
      for (const auto& decision : space.decisions()) design.push_back(random.below(decision.size()));
      const Cost cost = space.cost(space.canonical(design));
      REQUIRE(cost.parameters() >= range.least_parameters.cost.parameters());
      REQUIRE(cost.multiply_adds >= range.least_multiply_adds.cost.multiply_adds);
      REQUIRE(cost.weight_bytes(8) >= range.least_weight_bytes.cost.weight_bytes(8));
      REQUIRE(cost.peak_activations >= range.least_peak_activation.cost.peak_activations);
      REQUIRE(cost.parameters() <= range.most_parameters.cost.parameters());
      REQUIRE(cost.multiply_adds <= range.most_multiply_adds.cost.multiply_adds);
    }
  }
}

TEST_CASE("costs in one piece lead to the same extremes where slots hold one kind") {
  const SearchSpace space = space_of({"grouped"}, "grouped", 8, true, 2);
  const CostRange parts = cost_range(space, {}), whole = cost_range(Undivided(space), {});
  CHECK_FALSE(whole.exact);
  for (const auto extreme : least) CHECK((whole.*extreme).cost == space.cost((whole.*extreme).design));
  CHECK(whole.least_parameters.cost.parameters() == parts.least_parameters.cost.parameters());
  CHECK(whole.least_multiply_adds.cost.multiply_adds == parts.least_multiply_adds.cost.multiply_adds);
  CHECK(whole.least_weight_bytes.cost.weight_bytes(32) == parts.least_weight_bytes.cost.weight_bytes(32));
  CHECK(whole.least_peak_activation.cost.peak_activations == parts.least_peak_activation.cost.peak_activations);
  CHECK(whole.most_parameters.cost.parameters() == parts.most_parameters.cost.parameters());
  CHECK(whole.most_multiply_adds.cost.multiply_adds == parts.most_multiply_adds.cost.multiply_adds);
}

TEST_CASE("bounds that one network meets together are found to be met") {
  search_space::Random random(search_space::stream_seed(5, "bounds", "drawn networks"));
  for (int i = 0; i < 10; ++i) {
    std::vector<std::string> kinds = all_kinds();
    random.shuffle(kinds);
    kinds.resize(3);
    CAPTURE(i, kinds);
    const SearchSpace space = space_of(kinds, "grouped", 8, i % 2 == 0);
    Design design;
    for (const auto& decision : space.decisions()) design.push_back(random.below(decision.size()));
    // Changes that worsen no cost lead to a network that is hard to match in all four.
    for (int step = 0; step < 1000; ++step) {
      Design changed = design;
      const int decision = random.below(static_cast<int>(design.size()));
      changed[decision] = random.below(space.decisions()[decision].size());
      const Cost before = space.cost(design), after = space.cost(changed);
      if (after.weights <= before.weights && after.biases <= before.biases &&
          after.multiply_adds <= before.multiply_adds && after.peak_activations <= before.peak_activations)
        design = changed;
    }
    const Cost cost = space.cost(design);
    Requirements requirements = parse_requirements("weight_bits=8,activation_bits=8");
    requirements.parameters = cost.parameters();
    requirements.multiply_adds = cost.multiply_adds;
    requirements.weight_bytes = cost.weight_bytes(8);
    requirements.peak_activation_bytes = cost.peak_activation_bytes(8);
    const CostRange range = cost_range(space, requirements);
    CHECK(range.excess <= 1);
    CHECK(why_infeasible(range, requirements).empty());
    requirements.parameters = range.least_parameters.cost.parameters() - 1;
    CHECK_THAT(why_infeasible(range, requirements), Catch::Matchers::Contains("parameters; the requirement is"));
  }
}

TEST_CASE("bounds on the deployed program are found unreachable before anything is trained") {
  SearchSpace space = space_of({"conv", "grouped", "vac"}, "conv", 8, true);
  space.count_deployment();
  const Cost prototype = space.cost(space.prototype());
  Requirements loose = parse_requirements("flash<=1GiB,ram<=1GiB,latency_cycles<=1G");
  const CostRange range = cost_range(space, loose);
  CHECK(why_infeasible(range, loose).empty());
  CHECK(range.least_flash.cost.deployment.flash() < prototype.deployment.flash());
  CHECK(range.least_ram.cost.deployment.ram <= prototype.deployment.ram);
  CHECK(range.least_cycles.cost.deployment.instructions < prototype.deployment.instructions);
  // What one design reaches in all three can be met; a byte or cycle below the least cannot.
  const auto& reached = range.least_cycles.cost.deployment;
  Requirements met = loose;
  met.flash = reached.flash();
  met.ram = reached.ram;
  met.latency_cycles = reached.instructions;
  CHECK(why_infeasible(cost_range(space, met), met).empty());
  for (const char* what : {"flash", "ram", "latency_cycles"}) {
    CAPTURE(what);
    Requirements tight = loose;
    const std::string name = what;
    if (name == "flash") tight.flash = range.least_flash.cost.deployment.flash() - 1;
    if (name == "ram") tight.ram = range.least_ram.cost.deployment.ram - 1;
    if (name == "latency_cycles") tight.latency_cycles = range.least_cycles.cost.deployment.instructions - 1;
    CHECK_THAT(why_infeasible(range, tight), Catch::Matchers::Contains("the requirement is at most"));
  }
}
