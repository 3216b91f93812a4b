// What exported C costs: nanoseconds per multiply-add on this machine, instructions on a Cortex-M4, code and memory.
//   bench_c_export [COMPILER OPTION]... [NETWORK]...    options begin with '-'; default: -march=native
#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "prototypes/library.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"
#include "synth/export/c_program.h"
#include "synth/export/cortex_m.h"
#include "synth/export/export.h"
#include "synth/export/file_output.h"
#include "synth/export/tools.h"
#include "tests/export/random_integers.h"

using namespace synth;

namespace {

// Least time of one run, in nanoseconds.
constexpr const char* timing_driver = R"(#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <time.h>
#include "net.h"
static int8_t image[NET_INPUT_BYTES], scores[NET_CLASSES];
int main(int count, char **words) {
  double least = 1e18, total = 0;
  FILE *out = fopen(words[count - 1], "w");
  while (total < 5e8) {
    struct timespec start, end;
    double time;
    clock_gettime(CLOCK_MONOTONIC, &start);
    net_run(image, scores);
    clock_gettime(CLOCK_MONOTONIC, &end);
    time = (end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec);
    total += time;
    if (time < least) least = time;
  }
  fprintf(out, "%.0f", least);
  return fclose(out);
}
)";

void measure(const std::string& name, const std::vector<std::string>& options) {
  const auto graph = search_space::lower(prototypes::load(name).design);
  const auto macs = static_cast<double>(search_space::cost_of(graph).multiply_adds);
  ExportInput input{"net", {}, {}};
  input.integers = export_test::random_integers(graph, 5, export_test::Factors::usual);
  const WorkFolder folder;
  export_network(input, find_export_format("c"), folder / "net.c");
  write_bytes(folder / "driver.c", timing_driver);
  std::vector<std::string> words = {"gcc", "-std=c99", "-O2"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {folder / "driver.c", folder / "net.c", "-o", folder / "program"});
  for (const auto& command : {words, std::vector<std::string>{folder / "program", folder / "time"}})
    if (const std::string problem = run_tool(command); !problem.empty()) {
      std::puts(fmt::format("{}: {}", name, problem).c_str());
      return;
    }
  const double nanoseconds = std::stod(read_bytes(folder / "time"));
  const auto plan = c_export::program_of(*input.integers).plan;
  const auto instructions = static_cast<double>(count_instructions(cortex_ms()[0], folder / "net.c"));
  std::puts(fmt::format("{:<34} {:8.2f} {:9.3f} {:8.4f} {:9.2f} {:9} {:7.4f}", name, macs / 1e6, nanoseconds / 1e6,
                        nanoseconds / macs, instructions / macs, plan.bytes,
                        static_cast<double>(plan.bytes) / static_cast<double>(plan.largest_live_set))
                .c_str());
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::string> options, networks;
  for (int i = 1; i < count; ++i) (*words[i] == '-' ? options : networks).push_back(words[i]);
  if (options.empty()) options = {"-march=native"};
  if (networks.empty())
    networks = {"residual9,size=32",     "mobilenet_v2,size=96,width=0.5", "attendnet_style,size=96",
                "shufflenet_v2,size=96", "attonet_seed,size=32",           "attendnet_seed,size=32"};
  std::puts("network                             M macs        ms   ns/mac M4 i/mac     arena  /bound");
  for (const std::string& network : networks) measure(network + ",classes=10", options);
}
