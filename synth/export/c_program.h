// The constants and calls of a generated C program. Internal to the format `c`.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "evaluators/integer_network.h"
#include "search_space/arena.h"

namespace synth::c_export {

struct Program {
  std::string constants;            // definitions of arrays and layers
  std::string calls;                // one a line, from `input` to `output`
  std::set<std::string> kernels;    // names of files in synth/export/c that they need
  std::int64_t constant_bytes = 0;  // weights, biases, multipliers, shifts and tables
  int largest_patch = 0;            // bytes of the longest run of gathered inputs; 0 = none gathers
  int largest_depthwise = 0;        // kernel; 0 = there is none
  search_space::ArenaPlan plan;
};

// InputError naming a node that cannot be expressed.
Program program_of(const evaluators::IntegerNetwork& network);

// "static const int8_t NAME[2] = {1, 2};\n"
template <typename Number>
std::string array_text(const std::string& declaration, const std::vector<Number>& values);

}  // namespace synth::c_export
