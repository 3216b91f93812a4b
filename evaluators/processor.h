// The processor that this program runs on, and which compilation of the own kernels it uses. Free of LibTorch.
#pragma once

#include <string>
#include <vector>

namespace evaluators {

struct Processor {
  std::string model;                          // as the system names it; empty where it does not
  std::vector<std::string> instruction_sets;  // those that bear on speed or rounding here, e.g. "avx2"
};

const Processor& processor();

// Instruction sets that the own kernels are compiled for; baseline is the least processor the program runs on.
enum class KernelLevel { baseline, avx2, avx512 };

const char* name(KernelLevel level);

// Ascending; baseline is always there.
std::vector<KernelLevel> available_kernel_levels();

// The available level of that name; InputError, in the words of SYNTH_CPU, where there is none.
KernelLevel available_kernel_level(const std::string& name);

// The level in use: the processor's best, or what the environment variable SYNTH_CPU says. InputError
// where the variable is no level or one that the processor lacks.
KernelLevel kernel_level();

// Runs the kernels of all threads at another available level while it lives: for tests.
class ForcedKernelLevel {
 public:
  explicit ForcedKernelLevel(KernelLevel level);
  ~ForcedKernelLevel();
  ForcedKernelLevel(const ForcedKernelLevel&) = delete;
  ForcedKernelLevel& operator=(const ForcedKernelLevel&) = delete;

 private:
  int before_;
};

}  // namespace evaluators
