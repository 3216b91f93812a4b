// Draws and hashes are pinned: a change would silently change every recorded run.
#include <catch2/catch.hpp>

#include <set>

#include "search_space/random.h"

using namespace search_space;

TEST_CASE("SplitMix64 gives its published sequence") {
  Random random(0);
  CHECK(random.next() == 0xe220a8397b1dcdafULL);
  CHECK(random.next() == 0x6e789e6aa1b965f4ULL);
  CHECK(random.next() == 0x06c45d188009454fULL);
}

TEST_CASE("bounded draws stay in range and are even") {
  Random random(7);
  for (const int bound : {1, 2, 3, 10, 1000, 2147483647}) {
    for (int i = 0; i < 200; ++i) {
      const int value = random.below(bound);
      REQUIRE(value >= 0);
      REQUIRE(value < bound);
    }
  }
  std::vector<int> counts(6, 0);
  for (int i = 0; i < 60'000; ++i) ++counts[random.below(6)];
  for (const int count : counts) CHECK(std::abs(count - 10'000) < 500);  // over five standard deviations
}

TEST_CASE("weighted draws follow their weights and never draw a zero") {
  Random random(9);
  std::vector<int> counts(4, 0);
  for (int i = 0; i < 40'000; ++i) ++counts[random.weighted({1.0, 0.0, 3.0, 0.0})];
  CHECK(counts[1] == 0);
  CHECK(counts[3] == 0);
  CHECK(std::abs(counts[0] - 10'000) < 500);
}

TEST_CASE("normal draws have mean 0 and deviation 1") {
  Random random(11);
  double sum = 0, squares = 0;
  constexpr int draws = 50'000;
  for (int i = 0; i < draws; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
  }
  CHECK(std::abs(sum / draws) < 0.03);
  CHECK(std::abs(squares / draws - 1.0) < 0.04);
}

TEST_CASE("content hash is XXH3 of 128 bits") {
  CHECK(content_hash("") == "99aa06d3014798d86001c324468d497f");
  CHECK(content_hash("a") != content_hash("b"));
}

TEST_CASE("streams differ by seed, subject and purpose") {
  const std::set<std::uint64_t> seeds = {stream_seed(1, "a", "training"), stream_seed(2, "a", "training"),
                                         stream_seed(1, "b", "training"), stream_seed(1, "a", "order")};
  CHECK(seeds.size() == 4);
  CHECK(stream_seed(1, "a", "training") == stream_seed(1, "a", "training"));
}
