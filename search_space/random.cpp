// Portable seeded draws and content hashes.
#include "search_space/random.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace search_space {

std::uint64_t Random::next() {
  // SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

int Random::below(int bound) {
  assert(bound >= 1);
  // Lemire 2019: multiply, and reject the few draws that would bias the low values.
  const auto range = static_cast<std::uint32_t>(bound);
  std::uint64_t product = (next() >> 32) * range;
  if (static_cast<std::uint32_t>(product) < range) {
    const std::uint32_t threshold = (0u - range) % range;
    while (static_cast<std::uint32_t>(product) < threshold) product = (next() >> 32) * range;
  }
  return static_cast<int>(product >> 32);
}

double Random::uniform() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

double Random::normal() {
  // Box-Muller without a cached second value: a draw depends on the state alone.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

int Random::weighted(const std::vector<double>& weights) {
  double remaining = uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
  int last = 0;
  for (int i = 0; i < static_cast<int>(weights.size()); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (remaining < weights[i]) return i;
    remaining -= weights[i];
  }
  return last;  // rounding only
}

std::uint64_t stream_seed(std::uint64_t run_seed, std::string_view subject, std::string_view purpose) {
  const std::uint64_t inner = XXH3_64bits_withSeed(subject.data(), subject.size(), run_seed);
  return XXH3_64bits_withSeed(purpose.data(), purpose.size(), inner);
}

std::uint64_t stream_seed(std::uint64_t run_seed, const std::vector<int>& subject, std::string_view purpose) {
  return stream_seed(run_seed, {reinterpret_cast<const char*>(subject.data()), subject.size() * sizeof(int)}, purpose);
}

std::string content_hash(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  constexpr char digits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = digits[(hash.high64 >> (4 * i)) & 15];
    text[31 - i] = digits[(hash.low64 >> (4 * i)) & 15];
  }
  return text;
}

}  // namespace search_space
