// Levels of the own kernels: what the environment may ask for.
#include "evaluators/processor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "kernel_levels.h"

using namespace evaluators;

TEST_CASE("the kernels' levels that this processor lacks are named, since no test sees them") {
  const auto available = available_kernel_levels();
  REQUIRE(available.front() == KernelLevel::baseline);
  CHECK(std::is_sorted(available.begin(), available.end()));
  for (const KernelLevel level : {KernelLevel::avx2, KernelLevel::avx512})
    if (std::find(available.begin(), available.end(), level) == available.end())
      WARN("kernels at level " << name(level) << " skipped: this processor lacks it");
}

TEST_CASE("a kernel level can be chosen and given back") {
  const KernelLevel before = kernel_level();
  {
    const fixtures::AtLevel lowered(KernelLevel::baseline);
    CHECK(kernel_level() == KernelLevel::baseline);
  }
  CHECK(kernel_level() == before);
}
