// Portable seeded randomness: the same numbers on every platform and standard library (design: determinism).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace search_space {

// SplitMix64: small, statistically sound for draws of this size, and trivially seedable from a hash.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  int below(int bound);                              // uniform in [0, bound), bound >= 1, without modulo bias
  double uniform();                                  // uniform in [0, 1), 53 bits
  double normal();                                   // standard normal
  int weighted(const std::vector<double>& weights);  // index drawn in proportion to non-negative weights

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (int i = static_cast<int>(items.size()) - 1; i > 0; --i) std::swap(items[i], items[below(i + 1)]);
  }

 private:
  std::uint64_t state_;
};

// The seed of one independent stream: hash(run seed, subject such as an architecture key, purpose such as "training").
std::uint64_t stream_seed(std::uint64_t run_seed, std::string_view subject, std::string_view purpose);
std::uint64_t stream_seed(std::uint64_t run_seed, const std::vector<int>& subject, std::string_view purpose);

// 128-bit content hash as 32 lower-case hexadecimal digits.
std::string content_hash(std::string_view bytes);

}  // namespace search_space
