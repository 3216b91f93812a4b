// What the processor offers: asked of the processor itself, its name of the system.
#include "evaluators/processor.h"

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "search_space/errors.h"

namespace evaluators {

namespace {

constexpr int not_forced = -1;
std::atomic<int> forced{not_forced};

std::string model_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos && colon + 2 <= line.size())
      return line.substr(colon + 2);
  }
  return {};
}

#if defined(__GNUC__) && defined(__x86_64__)

// AMX has no name in __builtin_cpu_supports of GCC 12; the kernel lists it only where it lets programs use it.
bool system_lists(const std::string& flag) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("flags", 0) == 0) return (line + ' ').find(' ' + flag + ' ') != std::string::npos;
  return false;
}

std::vector<std::string> found_instruction_sets() {
  std::vector<std::string> result;
  const auto add = [&](const char* set, bool found) {
    if (found) result.push_back(set);
  };
  add("sse4.1", __builtin_cpu_supports("sse4.1"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512dq", __builtin_cpu_supports("avx512dq"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
  add("avx512_vnni", __builtin_cpu_supports("avx512vnni"));
  add("avx512_bf16", __builtin_cpu_supports("avx512bf16"));
  for (const char* set : {"avx_vnni", "amx_tile", "amx_bf16", "amx_int8"}) add(set, system_lists(set));
  return result;
}

bool has(KernelLevel level) {
  if (level == KernelLevel::avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && has(KernelLevel::avx2);
  if (level == KernelLevel::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return true;
}

#else

std::vector<std::string> found_instruction_sets() {
  return {};
}

bool has(KernelLevel level) {
  return level == KernelLevel::baseline;
}

#endif

KernelLevel chosen_level() {
  const char* wish = std::getenv("SYNTH_CPU");
  return wish == nullptr || *wish == '\0' ? available_kernel_levels().back() : available_kernel_level(wish);
}

}  // namespace

const Processor& processor() {
  static const Processor result{model_name(), found_instruction_sets()};
  return result;
}

const char* name(KernelLevel level) {
  switch (level) {
    case KernelLevel::avx2:
      return "avx2";
    case KernelLevel::avx512:
      return "avx512";
    default:
      return "baseline";
  }
}

std::vector<KernelLevel> available_kernel_levels() {
  std::vector<KernelLevel> result;
  for (const KernelLevel level : {KernelLevel::baseline, KernelLevel::avx2, KernelLevel::avx512})
    if (has(level)) result.push_back(level);
  return result;
}

KernelLevel available_kernel_level(const std::string& wish) {
  std::string allowed;
  for (const KernelLevel level : available_kernel_levels()) {
    if (wish == name(level)) return level;
    allowed += (allowed.empty() ? "" : ", ") + std::string(name(level));
  }
  throw search_space::InputError("environment variable SYNTH_CPU: found '" + wish + "'; this processor allows: " +
                                 allowed + "; choose one of these or unset the variable");
}

KernelLevel kernel_level() {
  const int override_ = forced.load(std::memory_order_relaxed);
  if (override_ != not_forced) return static_cast<KernelLevel>(override_);
  static const KernelLevel chosen = chosen_level();
  return chosen;
}

ForcedKernelLevel::ForcedKernelLevel(KernelLevel level) {
  if (!has(level)) throw search_space::InputError(std::string("this processor lacks the level ") + name(level));
  before_ = forced.exchange(static_cast<int>(level));
}

ForcedKernelLevel::~ForcedKernelLevel() {
  forced = before_;
}

}  // namespace evaluators
