// Colours for what people read on a terminal.
#pragma once

#include <string>

namespace synth::cli {

// `text` as it is where stdout is no terminal, NO_COLOR is set or the terminal is dumb. Else tables with their titles
// in bold, their rules dim and their bars blue, and a run's state in green, yellow or red. What a colour says, the text
// says, too.
std::string coloured(const std::string& text);

}  // namespace synth::cli
