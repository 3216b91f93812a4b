// The processor that this program runs on, and the level of its own kernels.
#pragma once

#include <string>
#include <vector>

namespace evaluators {

struct Processor {
  std::string model;                          // as it names itself; "unknown" where it does not
  std::vector<std::string> instruction_sets;  // of those that LibTorch, oneDNN or the own kernels make a choice by
};
const Processor& processor();

enum class KernelLevel { baseline, avx2, avx512 };
// What the own kernels run at.
KernelLevel kernel_level();
std::vector<KernelLevel> available_kernel_levels();
const char* name(KernelLevel level);

}  // namespace evaluators
