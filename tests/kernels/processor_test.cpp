// What the program knows of its processor, and the level that is asked for by name.
#include <catch2/catch.hpp>

#include "evaluators/processor.h"
#include "search_space/errors.h"

using namespace evaluators;

TEST_CASE("every available level is found by its name", "[kernels]") {
  const auto levels = available_kernel_levels();
  REQUIRE(levels.front() == KernelLevel::baseline);
  for (const KernelLevel level : levels) CHECK(available_kernel_level(name(level)) == level);
}

TEST_CASE("a level that is none is refused with what was found and what is allowed", "[kernels]") {
  for (const char* wrong : {"AVX2", "sse", "avx5122", " "})
    CHECK_THROWS_WITH(available_kernel_level(wrong), Catch::Contains("SYNTH_CPU") &&
                                                         Catch::Contains("'" + std::string(wrong) + "'") &&
                                                         Catch::Contains("baseline"));
  CHECK_THROWS_AS(available_kernel_level("sse"), search_space::InputError);
}

TEST_CASE("a forced level ends with its scope", "[kernels]") {
  const KernelLevel before = kernel_level();
  {
    const ForcedKernelLevel forced(KernelLevel::baseline);
    CHECK(kernel_level() == KernelLevel::baseline);
  }
  CHECK(kernel_level() == before);
}
