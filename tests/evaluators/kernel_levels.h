// Runs a test at each level that the processor has.
#pragma once

#include <catch2/catch.hpp>

#include "evaluators/processor.h"

namespace fixtures {

// The own kernels run at `level` for as long as this lives.
class AtLevel {
 public:
  explicit AtLevel(evaluators::KernelLevel level) : before_(evaluators::kernel_level()) {
    evaluators::use_kernel_level(level);
  }
  ~AtLevel() { evaluators::use_kernel_level(before_); }
  AtLevel(const AtLevel&) = delete;
  AtLevel& operator=(const AtLevel&) = delete;

 private:
  evaluators::KernelLevel before_;
};

}  // namespace fixtures
