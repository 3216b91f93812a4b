// What a thread is doing to a network, for a message of last resort: a signal handler may ask.
#pragma once

namespace evaluators {

// A literal, e.g. "training"; of the calling thread.
void set_phase(const char* phase);
const char* phase();

}  // namespace evaluators
