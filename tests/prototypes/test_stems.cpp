// Stem variants: networks made for large images, used on small ones.
#include <catch2/catch.hpp>

#include "prototypes/library.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/search_space.h"

using Catch::Contains;
using search_space::Counting;

namespace {

search_space::Shape last_map(const search_space::Architecture& design) {
  const auto graph = lower(design);
  return graph.nodes[graph.slot_output(static_cast<int>(design.slots.size()) - 1)].output;
}

search_space::Cost published_cost(const std::string& spec) {
  return cost_of(lower(prototypes::load(spec).design), Counting::published);
}

}  // namespace

TEST_CASE("a small stem gives every network of large images a 4 x 4 map at 64 pixels") {
  const char* networks[] = {"mobilenet_v1", "mobilenet_v2",    "mobilenet_v3_small", "shufflenet_v2",
                            "resnet50",     "attonet_a",       "attonet_b",          "attonet_c",
                            "attonet_d",    "attendnet_style", "residual16"};
  for (const std::string name : networks) {
    for (const std::string width : {"", ",width=0.5"}) {
      const std::string spec = name + ",classes=50,size=64,stem=small" + width;
      INFO(spec);
      const auto prototype = prototypes::load(spec);
      const auto own = prototypes::load(name + ",classes=50" + width);
      const auto map = last_map(prototype.design);
      CHECK(map.height == 4);
      CHECK(map.width == 4);
      // All but the stem is the published network.
      CHECK(prototype.design.slots == own.design.slots);
      CHECK(prototype.design.head == own.design.head);
      CHECK(prototype.design.stem.size() == 1);
      CHECK(prototype.design.stem[0].width == own.design.stem[0].width);
      CHECK(prototype.design.stem[0].kernel == 3);
      const search_space::SearchSpace space(prototype);
      CHECK(space.decode(space.prototype()) == prototype.design);
    }
  }
}

TEST_CASE("stem variants cost what their kernels and strides say") {
  // ResNet-50: 64 filters of 3 x 3 instead of 7 x 7 on three channels.
  const std::int64_t own = published_cost("resnet50").parameters();
  CHECK(own - published_cost("resnet50,stem=small").parameters() == 64 * 3 * (49 - 9));
  // 3x3/2 of 64 pixels and 7x7/2 with pooling of 128 both leave 32 x 32: only the stems differ.
  const auto small = published_cost("resnet50,size=64,stem=3x3/2");
  const auto large = published_cost("resnet50,size=128,stem=7x7/2+pool");
  const std::int64_t small_stem = 32 * 32 * 64 * 27, large_stem = 64 * 64 * 64 * 147;
  CHECK(small.multiply_adds - small_stem == large.multiply_adds - large_stem);
  // Same kernel, half the stride: twice the side everywhere.
  CHECK(published_cost("mobilenet_v2,size=64,stem=small").multiply_adds ==
        published_cost("mobilenet_v2,size=128").multiply_adds);
  CHECK(published_cost("mobilenet_v2,stem=small").parameters() == published_cost("mobilenet_v2").parameters());
  CHECK(published_cost("shufflenet_v2,size=64,stem=small").multiply_adds + 64 * 64 * 24 * 27 - 32 * 32 * 24 * 27 ==
        published_cost("shufflenet_v2,size=128").multiply_adds);
  CHECK(prototypes::load("shufflenet_v2,stem=3x3/2+pool").design == prototypes::load("shufflenet_v2").design);
}

TEST_CASE("the smallest image follows the stem") {
  CHECK_THROWS_WITH(prototypes::load("residual16,size=32"), Contains("sides of 64"));
  CHECK_NOTHROW(prototypes::load("residual16,size=32,stem=small"));
  CHECK_THROWS_WITH(prototypes::load("residual16,size=31,stem=small"), Contains("sides of 32"));
  CHECK_THROWS_WITH(prototypes::load("mobilenet_v1,size=32,stem=7x7/2+pool"), Contains("sides of 64"));
}

TEST_CASE("a stem that cannot be is named") {
  CHECK_THROWS_WITH(prototypes::load("mobilenet_v1,stem=7x7/2"),
                    Contains("found '7x7/2'; allowed: small, 3x3/1, 3x3/2, 3x3/2+pool, 7x7/2+pool"));
  CHECK_THROWS_WITH(prototypes::load("resnet50,stem"), Contains("a value is missing"));
  CHECK_THROWS_WITH(prototypes::load("residual9,stem=small"), Contains("stride 1"));
}
