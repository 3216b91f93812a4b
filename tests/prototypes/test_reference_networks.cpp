// The networks of the papers' tables, counted exactly. The integers were derived by hand from the published
// architectures.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "prototypes/prototype_json.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"
#include "search_space/search_space.h"

using search_space::Counting;

namespace {

struct Golden {
  const char* spec;
  std::int64_t folded, published, multiply_adds;
};

std::int64_t parameters(const std::string& spec, Counting counting) {
  return cost_of(lower(prototypes::load(spec).design), counting).parameters();
}

std::int64_t multiply_adds(const std::string& spec) {
  return cost_of(lower(prototypes::load(spec).design)).multiply_adds;
}

}  // namespace

TEST_CASE("published networks have their exact counts") {
  const Golden all[] = {
      {"mobilenet_v1,classes=50", 3247282, 3258226, 567767552},
      {"mobilenet_v1,classes=1000", 4221032, 4231976, 568740352},
      {"mobilenet_v2,classes=50", 2270866, 2287922, 299558272},
      {"mobilenet_v2,classes=1000", 3487816, 3504872, 300774272},
      {"shufflenet_v2,classes=50", 1296764, 1304854, 143935192},
      {"shufflenet_v2,classes=1000", 2270514, 2278604, 144907992},
      {"resnet50,classes=50", 23583922, 23610482, 4087238656},
      {"resnet50,classes=1000", 25530472, 25557032, 4089184256},
  };
  for (const Golden& golden : all) {
    INFO(golden.spec);
    CHECK(parameters(golden.spec, Counting::folded) == golden.folded);
    CHECK(parameters(golden.spec, Counting::published) == golden.published);
    CHECK(multiply_adds(golden.spec) == golden.multiply_adds);
  }
}

namespace {

// A row of Howard et al. 2019, table 2, without what the shapes say.
struct Block {
  int kernel, expanded, out, side;  // side: of the output at 224 pixels
  bool squeeze_excite;
  int inner;  // of squeeze-and-excite: a quarter of `expanded`, as a multiple of 8
};

constexpr Block small_blocks[] = {{3, 16, 16, 56, true, 8},   {3, 72, 24, 28, false, 0},  {3, 88, 24, 28, false, 0},
                                  {5, 96, 40, 14, true, 24},  {5, 240, 40, 14, true, 64}, {5, 240, 40, 14, true, 64},
                                  {5, 120, 48, 14, true, 32}, {5, 144, 48, 14, true, 40}, {5, 288, 96, 7, true, 72},
                                  {5, 576, 96, 7, true, 144}, {5, 576, 96, 7, true, 144}};

}  // namespace

TEST_CASE("MobileNet-V3-Small has the counts of its table") {
  for (const std::int64_t classes : {50, 1000}) {
    std::int64_t weights = 27 * 16, shifts = 16, biases = 0, multiply_adds = 27 * 16 * 112 * 112;  // stem
    std::int64_t in = 16, area = 112 * 112;
    for (const Block& block : small_blocks) {
      const std::int64_t wide = block.expanded, next = block.side * block.side;
      const std::int64_t expansion = wide == in ? 0 : in * wide, depthwise = wide * block.kernel * block.kernel;
      const std::int64_t gate = block.squeeze_excite ? 2 * wide * block.inner : 0, projection = wide * block.out;
      weights += expansion + depthwise + gate + projection;
      shifts += (wide == in ? 0 : wide) + wide + block.out;
      biases += block.squeeze_excite ? block.inner + wide : 0;
      multiply_adds += expansion * area + depthwise * next + gate + projection * next;
      in = block.out;
      area = next;
    }
    const std::int64_t last = 96 * 576, hidden = 576 * 1024, dense = 1024 * classes;
    weights += last + hidden + dense;
    shifts += 576;
    biases += 1024 + classes;
    multiply_adds += last * 49 + hidden + dense;
    const std::string spec = "mobilenet_v3_small,classes=" + std::to_string(classes);
    INFO(spec);
    CHECK(parameters(spec, Counting::folded) == weights + shifts + biases);
    CHECK(parameters(spec, Counting::published) == weights + 2 * shifts + biases);
    CHECK(::multiply_adds(spec) == multiply_adds);
  }
  CHECK(parameters("mobilenet_v3_small", Counting::published) == 2'542'856);
  CHECK(multiply_adds("mobilenet_v3_small") == 56'510'400);
}

TEST_CASE("width multipliers give the published counts") {
  // Howard et al. 2017, table 6 (0.75: 325 M, 2.6 M; 0.5: 149 M, 1.3 M; 0.25: 41 M, 0.5 M multiply-adds and
  // parameters).
  const Golden all[] = {{"mobilenet_v1,width=0.75", 0, 2'600'000, 325'000'000},
                        {"mobilenet_v1,width=0.5", 0, 1'300'000, 149'000'000},
                        {"mobilenet_v1,width=0.25", 0, 500'000, 41'000'000}};
  for (const Golden& golden : all) {
    INFO(golden.spec);
    // Printed with one digit after the point, and in whole millions.
    CHECK(std::abs(parameters(golden.spec, Counting::published) - golden.published) <= 50'000);
    CHECK(std::abs(multiply_adds(golden.spec) - golden.multiply_adds) <= 1'000'000);
  }
  // MobileNet-V2 keeps its last convolution at 1280 channels (Sandler et al. 2018, section 6.1).
  CHECK(parameters("mobilenet_v2,width=0.5", Counting::published) == 1'968'680);
  CHECK(std::abs(multiply_adds("mobilenet_v2,width=0.5") - 97'000'000) <= 1'000'000);
  CHECK(std::abs(multiply_adds("mobilenet_v2,width=0.75") - 209'000'000) <= 1'000'000);
  CHECK(std::abs(multiply_adds("mobilenet_v2,width=1.4") - 582'000'000) <= 2'000'000);
}

TEST_CASE("ShuffleNet-V2's other sizes, which no width factor gives, have their published counts") {
  struct Size {
    std::array<int, 3> widths;  // of the stages (Ma et al. 2018, table 5; 2x as published with its weights)
    int head;
    std::int64_t parameters;
  };
  for (const Size& size : {Size{{48, 96, 192}, 1024, 1'366'792}, Size{{116, 232, 464}, 1024, 2'278'604},
                           Size{{176, 352, 704}, 1024, 3'503'624}, Size{{244, 488, 976}, 2048, 7'393'996}}) {
    auto json = prototypes::prototype_to_json(prototypes::load("shufflenet_v2"));
    for (std::size_t i = 0; i < size.widths.size(); ++i) {
      auto& stage = json["stages"][i];
      stage["width"] = size.widths[i];
      stage["widths"] = nlohmann::json::array();
      for (auto& slot : stage["slots"]) slot["module"]["parameters"]["inner"] = size.widths[i] / 2;
    }
    json["head"]["layers"][0]["width"] = size.head;
    const auto design = prototypes::prototype_from_json(json, "shufflenet_v2").design;
    CHECK(cost_of(lower(design), Counting::published).parameters() == size.parameters);
  }
}

TEST_CASE("AttoNets have the counts of their table with one group per compressed channel") {
  const Golden all[] = {{"attonet_a", 2966891, 0, 578441416},
                        {"attonet_b", 1867179, 0, 402461600},
                        {"attonet_c", 1057130, 0, 222784307},
                        {"attonet_d", 316686, 0, 99647464}};
  for (const Golden& golden : all) {
    INFO(golden.spec);
    CHECK(parameters(golden.spec, Counting::folded) == golden.folded);
    CHECK(multiply_adds(golden.spec) == golden.multiply_adds);
  }
}

TEST_CASE("the AttendNet layout lies within 5 % of AttendNet-B, condensers early and PEPE late") {
  const auto design = prototypes::load("attendnet_style").design;
  const auto cost = cost_of(lower(design));
  CHECK(design.classes == 50);
  CHECK(std::abs(cost.parameters() / 782e3 - 1) < 0.05);
  CHECK(std::abs(cost.multiply_adds / 191.3e6 - 1) < 0.05);
  CHECK(design.slots.front().module.kind == "vac");
  CHECK(design.slots.back().module.kind == "pepe");
}

TEST_CASE("reference networks are searchable in their own kind") {
  for (const auto& entry : prototypes::builtins()) {
    if (entry.role != prototypes::Role::reference) continue;
    INFO(entry.name);
    const search_space::SearchSpace space(prototypes::load(entry.name));
    CHECK(space.log10_size() > 3);
    for (std::size_t i = 0; i < space.source().kinds.size(); ++i) {
      CHECK(space.source().kinds[i] == std::vector<std::string>{space.source().design.slots[i].module.kind});
    }
  }
}
