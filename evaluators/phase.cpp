// The phase of each thread.
#include "evaluators/phase.h"

namespace evaluators {
namespace {

thread_local const char* current = "preparing";

}  // namespace

void set_phase(const char* phase) {
  current = phase;
}

const char* phase() {
  return current;
}

}  // namespace evaluators
