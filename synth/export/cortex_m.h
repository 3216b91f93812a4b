// Programs for Cortex-M4 and M7, compiled by arm-none-eabi-gcc and run in QEMU with files of this machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace synth {

struct CortexM {
  std::string name;     // "cortex-m4", as the compiler calls it
  std::string machine;  // QEMU's board
  std::string large;    // address of its memory of 16 MiB
};
const std::vector<CortexM>& cortex_ms();

// What must be installed first; empty where everything is there.
std::string missing_for_cortex_m();

// Compiles `sources` with newlib's semihosting and runs the program with `arguments`. Empty if it ended with code 0,
// else what went wrong. `program` is the file to make. With `count` one instruction takes one nanosecond of the board's
// time.
std::string run_on_cortex_m(const CortexM& processor, std::vector<std::string> options,
                            const std::vector<std::string>& sources, const std::string& program,
                            const std::vector<std::string>& arguments, bool count = false);

// Instructions of one NAME_run on an image of zeros, within 40; `path` is NAME.c. EnvironmentError where tools are
// missing or fail.
std::int64_t count_instructions(const CortexM& processor, const std::string& path);

// Of the object that the compiler makes of NAME.c with -O2, in bytes; what it takes from the C library is left out.
struct ProgramSizes {
  std::int64_t code = 0, constants = 0, memory = 0;  // .text, .rodata, .bss and .data
};
ProgramSizes program_sizes(const CortexM& processor, const std::string& path);

}  // namespace synth
