// Process-wide settings that decide how fast LibTorch trains on a CPU.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/version.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <climits>
#include <cstdlib>

#include "evaluators/processor.h"
#include "evaluators/trained_evaluator.h"

namespace evaluators {

void tune_process() {
  kernel_level();  // a wrong SYNTH_CPU is said before work begins
#if defined(__GLIBC__)
  // glibc gives large blocks back to the system at once; the page faults of getting them again halve the training
  // speed.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
  // OpenBLAS ignores LibTorch's setting and has read its variable before main; the user's own wish stands. Other
  // libraries lack the function.
  using SetThreads = void (*)(int);
  const auto set_threads = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_threads != nullptr && std::getenv("OPENBLAS_NUM_THREADS") == nullptr) set_threads(1);
  // Candidates run beside each other, one intra-op thread each; threads made later inherit this.
  at::set_num_threads(1);
}

std::string libtorch_version() {
  return TORCH_VERSION;
}

}  // namespace evaluators
