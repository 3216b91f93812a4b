// Runs the sweeps of tests/sweep, each in a process whose allocator finds overruns, and names the shape where one dies.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "evaluators/batches.h"

namespace {

struct Ended {
  int status = 0;
  std::string output, last_shape;
};

std::string contents(int file) {
  std::string text(1 << 16, '\0');
  const auto read = ::pread(file, text.data(), text.size(), 0);
  text.resize(read > 0 ? read : 0);
  return text;
}

Ended sweep(const std::string& name, const std::string& type, const std::string& format) {
  const int shape = ::memfd_create("shape", 0), output = ::memfd_create("output", 0);
  REQUIRE((shape >= 0 && output >= 0));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv("LD_PRELOAD", "libc_malloc_debug.so.0", 1);
    ::setenv("MALLOC_CHECK_", "3", 1);
    ::dup2(output, 1);
    ::dup2(output, 2);
    ::dup2(shape, 3);
    ::execl(SYNTH_SWEEP_PROGRAM, SYNTH_SWEEP_PROGRAM, name.c_str(), type.c_str(), format.c_str(), nullptr);
    ::_exit(127);
  }
  Ended result;
  REQUIRE(::waitpid(child, &result.status, 0) == child);
  result.output = contents(output);
  result.last_shape = contents(shape);
  ::close(shape);
  ::close(output);
  return result;
}

void check(const std::string& name) {
  const std::string format = GENERATE("nchw", "nhwc"), type = GENERATE("float32", "bfloat16");
  if (type == "bfloat16" && !evaluators::cpu_has_bf16()) {
    WARN("bfloat16 skipped: this processor has none");
    return;
  }
  const Ended ended = sweep(name, type, format);
  INFO(name << ", " << type << ", " << format << "; ended at: " << ended.last_shape << ended.output);
  CHECK_FALSE(WIFSIGNALED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 0);
  CHECK(ended.output.find(" cases, 0 wrong") != std::string::npos);
}

}  // namespace

TEST_CASE("convolutions of every kind agree with float64 and write nowhere else", "[sweep]") {
  const int kernel = GENERATE(1, 3, 5, 7), stride = GENERATE(1, 2);
  const std::string grouping = GENERATE("dense", "grouped", "depthwise");
  check(fmt::format("conv:{}:{}:{}", kernel, stride, grouping));
}

TEST_CASE("the other primitives agree with float64 and write nowhere else", "[sweep]") {
  check("operators");
}
