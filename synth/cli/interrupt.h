// Ctrl-C and SIGTERM: the first lets what is in flight finish and be recorded, the second gives it up, a third ends the
// process. None loses recorded work, since every step is a committed transaction.
#pragma once

#include <atomic>

namespace synth::cli {

struct Interrupt {
  std::atomic<bool> stop{false};       // begin nothing new
  std::atomic<bool> hard_stop{false};  // give up what is in flight
};

// Installs the handlers (once) and returns the flags they set. `announce`: the handler itself says what it does; false
// where a live view shows it.
const Interrupt& watch_for_interrupt(bool announce);

// As a second Ctrl-C, without a word: what the search depends on has failed.
void interrupt_at_once();

}  // namespace synth::cli
