// Signal handlers: only async-signal-safe calls here.
#include "synth/cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "synth/cli/command.h"

namespace synth::cli {

namespace {

Interrupt flags;
std::atomic<bool> announce_wanted{true};
static_assert(std::atomic<bool>::is_always_lock_free);

void say(std::string_view text) {
  if (!announce_wanted) return;
  // Nothing useful can be done in a handler if stderr is gone.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

void on_signal(int) {
  if (!flags.stop.exchange(true)) {
    say("finishing what is in flight; once more to stop at once\n");
  } else if (!flags.hard_stop.exchange(true)) {
    say("stopping at once; what was recorded stays\n");
  } else {
    _exit(Exit::interrupted);
  }
}

}  // namespace

const Interrupt& watch_for_interrupt(bool announce) {
  announce_wanted = announce;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return flags;
}

void interrupt_at_once() {
  flags.stop = true;
  flags.hard_stop = true;
}

}  // namespace synth::cli
