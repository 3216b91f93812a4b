// The program proper does without LibTorch, and says what is missing when it cannot become synth-tensors.
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/cli/program.h"

using namespace cli_test;

namespace {

// Exit code and what was said on stdout and stderr.
std::pair<int, std::string> run_shell(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    said.append(buffer.data(), size);
  return {WEXITSTATUS(::pclose(pipe)), said};
}

}  // namespace

TEST_CASE("only the program that runs networks loads LibTorch", "[cli]") {
  CHECK_THAT(run_shell("ldd " SYNTH_PROGRAM).second, !Catch::Contains("libtorch"));
  CHECK_THAT(run_shell("ldd " SYNTH_PROGRAM "-tensors").second, Catch::Contains("libtorch"));
}

TEST_CASE("a program without its other half names it, and works where it needs it not", "[cli]") {
  const TemporaryFolder folder;
  std::filesystem::copy_file(SYNTH_PROGRAM, folder / "synth");
  const auto [code, said] = run_shell((folder / "synth") + " search");
  CHECK(code == 4);
  CHECK_THAT(said, Catch::Contains("synth-tensors"));
  CHECK(run_shell((folder / "synth") + " list modules").first == 0);
}

TEST_CASE("a link to the program finds its other half", "[cli]") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(SYNTH_PROGRAM, folder / "tool");
  CHECK(run_shell((folder / "tool") + " search --help").first == 0);
}
