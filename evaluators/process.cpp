// Process-wide settings that decide how fast LibTorch trains on a CPU.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <climits>
#include <cstdlib>

#include "evaluators/trained_evaluator.h"

namespace evaluators {

void tune_process() {
#if defined(__GLIBC__)
  // glibc gives large blocks back to the system at once; the page faults of getting them again halve the training
  // speed.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
  // OpenBLAS reads this when it makes its first thread pool and ignores LibTorch's setting; the user's own wish stands.
  setenv("OPENBLAS_NUM_THREADS", "1", /*overwrite=*/0);
  setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
  // Candidates run beside each other, one intra-op thread each; threads made later inherit this.
  at::set_num_threads(1);
}

std::string libtorch_version() {
  return TORCH_VERSION;
}

}  // namespace evaluators
