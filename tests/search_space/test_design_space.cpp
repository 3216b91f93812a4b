// What every design space shares, on a space small enough to enumerate.
#include <catch2/catch.hpp>

#include <cmath>
#include <set>

#include "search_space/design_space.h"

using namespace search_space;

namespace {

// kind in {a, b, c}; b opens x (4 values), whose third value opens y (2 values); z (3 values) is always there.
class Tiny : public DesignSpace {
 public:
  Tiny() {
    const auto decision = [](std::string name, int size, int parent, int value) {
      Decision made;
      made.name = std::move(name);
      for (int i = 0; i < size; ++i) made.labels.push_back(std::to_string(i));
      made.parent = parent;
      made.parent_value = value;
      return made;
    };
    decisions_ = {decision("kind", 3, -1, -1), decision("x", 4, 0, 1), decision("y", 2, 1, 2),
                  decision("z", 3, -1, -1)};
  }
  const std::vector<Decision>& decisions() const override { return decisions_; }
  const Design& prototype() const override { return prototype_; }
  Cost cost(const Design&) const override { return {}; }
  std::string key(const Design&) const override { return {}; }

 private:
  std::vector<Decision> decisions_;
  Design prototype_ = {0, 0, 0, 0};
};

}  // namespace

TEST_CASE("log10_size counts the canonical designs") {
  const Tiny space;
  std::set<Design> canonical;
  for (int kind = 0; kind < 3; ++kind)
    for (int x = 0; x < 4; ++x)
      for (int y = 0; y < 2; ++y)
        for (int z = 0; z < 3; ++z) canonical.insert(space.canonical({kind, x, y, z}));
  CHECK(canonical.size() == 3 * (1 + 1 + (1 + 1 + 2 + 1)));
  CHECK(space.log10_size() == Approx(std::log10(canonical.size())));
}

TEST_CASE("a decision is active only below an active parent") {
  const Tiny space;
  CHECK(space.active({1, 2, 0, 0}, 2));
  CHECK_FALSE(space.active({1, 1, 0, 0}, 2));
  CHECK_FALSE(space.active({0, 2, 0, 0}, 2));
  CHECK(space.canonical({0, 3, 1, 2}) == Design{0, 0, 0, 2});
}

TEST_CASE("distance counts decisions of canonical designs") {
  const Tiny space;
  CHECK(space.distance(space.canonical({0, 3, 1, 2}), space.canonical({0, 1, 0, 2})) == 0);
  CHECK(space.distance(space.canonical({1, 3, 1, 2}), space.canonical({1, 1, 0, 2})) == 1);
  CHECK(space.distance({1, 2, 1, 2}, {0, 0, 0, 0}) == 4);
}

TEST_CASE("why_not names the decision and what is allowed") {
  const Tiny space;
  CHECK(space.why_not({0, 0, 0, 0}).empty());
  CHECK(space.why_not({0, 0, 0}).find("4 decisions") != std::string::npos);
  CHECK(space.why_not({0, 4, 0, 0}).find("x has value index 4; allowed are 0 to 3") != std::string::npos);
  CHECK_FALSE(space.why_not({0, 0, 0, -1}).empty());
}
