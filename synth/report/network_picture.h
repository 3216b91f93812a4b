// A network drawn as Figure 2 of AttendNets draws one: boxes in the order of execution, module kinds in colour, widths
// inside, stages side by side.
#pragma once

#include <string>

#include "search_space/architecture.h"

namespace synth::report {

// InputError if the architecture cannot be lowered.
std::string network_dot(const search_space::Architecture& architecture, const std::string& title);
std::string network_svg(const search_space::Architecture& architecture, const std::string& title);

}  // namespace synth::report
