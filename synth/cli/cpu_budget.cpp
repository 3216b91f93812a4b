// A budget of processor time, by the kernel's account of it.
#include "synth/cli/cpu_budget.h"

#include <time.h>

#include <algorithm>
#include <thread>

namespace synth::cli {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto step = 50ms;

double process_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

CpuBudget::CpuBudget(double share, double burst)
    : share_(share), burst_(burst), credit_(burst), spent_(process_seconds()), at_(steady_clock::now()) {}

bool CpuBudget::left() {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  const double spent = process_seconds();
  const std::chrono::duration<double> passed = now - at_;
  credit_ = std::min(burst_, credit_ + share_ * passed.count() - (spent - spent_));
  credit_ = std::max(credit_, -burst_);  // what nobody asked for, such as reading a large run, is forgiven in time
  spent_ = spent;
  at_ = now;
  return credit_ > 0;
}

bool CpuBudget::admit(std::chrono::milliseconds at_most) {
  const auto end = steady_clock::now() + at_most;
  while (!left()) {
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(step);
  }
  return true;
}

}  // namespace synth::cli
