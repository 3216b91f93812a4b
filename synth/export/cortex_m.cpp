// The board: synth/export/cortex_m holds vector table and memory layout.
#include "synth/export/cortex_m.h"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "search_space/errors.h"
#include "synth/export/c_verify.h"
#include "synth/export/kernel_files.h"
#include "synth/export/tools.h"

namespace synth {

namespace {

constexpr const char* compiler = "arm-none-eabi-gcc";
constexpr const char* emulator = "qemu-system-arm";

// Times one run by the board's first timer, which counts down at 25 MHz: 40 instructions a tick.
std::string counting_driver(const std::string& name, const std::string& prefix, const std::string& header) {
  return fmt::format(R"(#include <stdio.h>
#include "{2}"
#define TIMER ((volatile uint32_t *)0x40000000)
static int8_t image[{1}_INPUT_BYTES], scores[{1}_CLASSES];
int main(int count, char **words) {{
  FILE *out = fopen(words[count - 1], "wb");
  uint32_t start, end;
  if (!out) return 3;
  TIMER[2] = TIMER[1] = 0xffffffffu;
  TIMER[0] = 1;
  start = TIMER[1];
  {0}_run(image, scores);
  end = TIMER[1];
  fprintf(out, "%lu", (unsigned long)(start - end));
  return fclose(out) == 0 ? 0 : 6;
}}
)",
                     name, prefix, header);
}

}  // namespace

const std::vector<CortexM>& cortex_ms() {
  static const std::vector<CortexM> all = {{"cortex-m4", "mps2-an386", "0x21000000"},
                                           {"cortex-m7", "mps2-an500", "0x60000000"}};
  return all;
}

std::string missing_for_cortex_m() {
  std::string missing;
  if (!has_tool(compiler)) missing = "gcc-arm-none-eabi and libnewlib-arm-none-eabi";
  if (!has_tool(emulator)) missing += (missing.empty() ? "" : ", ") + std::string("qemu-system-arm");
  return missing;
}

std::string run_on_cortex_m(const CortexM& processor, std::vector<std::string> options,
                            const std::vector<std::string>& sources, const std::string& program,
                            const std::vector<std::string>& arguments, bool count) {
  const WorkFolder folder;
  write_bytes(folder / "startup.c", kernel_file("startup"));
  write_bytes(folder / "layout.ld", kernel_file("layout"));
  options.insert(options.begin(), compiler);
  options.insert(options.end(),
                 {"-mcpu=" + processor.name, "-mthumb", "--specs=rdimon.specs", "-Wl,--defsym=large=" + processor.large,
                  "-T", folder / "layout.ld", folder / "startup.c"});
  options.insert(options.end(), sources.begin(), sources.end());
  options.insert(options.end(), {"-o", program});
  if (const std::string problem = run_tool(options); !problem.empty()) return problem;
  std::string semihosting = "enable=on,target=native,arg=program";
  for (const std::string& argument : arguments) semihosting += ",arg=" + argument;
  std::vector<std::string> words = {
      emulator, "-M", processor.machine, "-nographic", "-semihosting-config", semihosting, "-kernel", program};
  if (count) words.insert(words.end(), {"-icount", "shift=0"});
  return run_tool(words);
}

std::int64_t count_instructions(const CortexM& processor, const std::string& path) {
  if (const std::string missing = missing_for_cortex_m(); !missing.empty())
    throw search_space::EnvironmentError("counting the instructions of a " + processor.name + ": install " + missing);
  const std::filesystem::path place = std::filesystem::absolute(path);
  const std::string name = c_export::c_name(place.stem().string());
  const WorkFolder folder;
  write_bytes(folder / "driver.c", counting_driver(name, c_export::c_prefix(name), place.stem().string() + ".h"));
  const std::string problem =
      run_on_cortex_m(processor, {"-std=c99", "-O2", "-I", place.parent_path().string()},
                      {folder / "driver.c", place.string()}, folder / "program", {folder / "ticks"}, /*count=*/true);
  if (!problem.empty()) throw search_space::EnvironmentError(problem);
  return 40 * std::stoll(read_bytes(folder / "ticks"));
}

ProgramSizes program_sizes(const CortexM& processor, const std::string& path) {
  const WorkFolder folder;
  const std::string object = folder / "program.o", report = folder / "sizes";
  const std::string problem = run_tool({"sh", "-c",
                                        "\"$0\" -std=c99 -O2 -mcpu=\"$1\" -mthumb -c \"$2\" -o \"$3\" && "
                                        "arm-none-eabi-size -A \"$3\" > \"$4\"",
                                        compiler, processor.name, std::filesystem::absolute(path), object, report});
  if (!problem.empty()) throw search_space::EnvironmentError(problem);
  ProgramSizes sizes;
  std::istringstream lines(read_bytes(report));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string section;
    std::int64_t bytes = 0;
    if (!(words >> section >> bytes)) continue;
    if (section.starts_with(".text")) sizes.code += bytes;
    if (section.starts_with(".rodata")) sizes.constants += bytes;
    if (section.starts_with(".bss") || section.starts_with(".data")) sizes.memory += bytes;
  }
  return sizes;
}

}  // namespace synth
