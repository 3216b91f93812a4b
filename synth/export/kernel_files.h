// The C files that generated programs are made of, embedded.
#pragma once

#include <string>

namespace synth {

// By its name without folder and extension, of synth/export/c or cortex_m. std::logic_error: there is none.
std::string kernel_file(const std::string& name);

}  // namespace synth
