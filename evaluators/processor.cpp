// Asking the processor what it is.
#include "evaluators/processor.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <cpuid.h>
#endif

#include <array>
#include <cstring>

namespace evaluators {
namespace {

#if defined(__GNUC__) && defined(__x86_64__)

std::string model() {
  std::array<unsigned, 12> words{};
  for (unsigned part = 0; part < 3; ++part) {
    unsigned* at = &words[4 * part];
    if (__get_cpuid(0x80000002u + part, at, at + 1, at + 2, at + 3) == 0) return "unknown";
  }
  std::array<char, sizeof words + 1> text{};
  std::memcpy(text.data(), words.data(), sizeof words);
  const std::string padded = text.data();
  const std::size_t first = padded.find_first_not_of(' '), last = padded.find_last_not_of(' ');
  return first == std::string::npos ? "unknown" : padded.substr(first, last - first + 1);
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> found;
  const auto add = [&found](const char* name, bool has) {
    if (has) found.emplace_back(name);
  };
  add("sse4.1", __builtin_cpu_supports("sse4.1"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512dq", __builtin_cpu_supports("avx512dq"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
  add("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  add("avx512bf16", __builtin_cpu_supports("avx512bf16"));
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool extended = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0;
  add("amx_bf16", extended && (d >> 22 & 1u) != 0);
  add("amx_int8", extended && (d >> 25 & 1u) != 0);
  return found;
}

#else

std::string model() {
  return "unknown";
}

std::vector<std::string> instruction_sets() {
  return {};
}

#endif

bool has(const char* instruction_set) {
  for (const std::string& name : processor().instruction_sets)
    if (name == instruction_set) return true;
  return false;
}

}  // namespace

const Processor& processor() {
  static const Processor found{model(), instruction_sets()};
  return found;
}

std::vector<KernelLevel> available_kernel_levels() {
  std::vector<KernelLevel> levels = {KernelLevel::baseline};
  if (!has("avx2") || !has("fma")) return levels;
  levels.push_back(KernelLevel::avx2);
  if (has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl")) levels.push_back(KernelLevel::avx512);
  return levels;
}

KernelLevel kernel_level() {
  return available_kernel_levels().back();
}

const char* name(KernelLevel level) {
  switch (level) {
    case KernelLevel::avx512:
      return "avx512";
    case KernelLevel::avx2:
      return "avx2";
    case KernelLevel::baseline:
      break;
  }
  return "baseline";
}

}  // namespace evaluators
