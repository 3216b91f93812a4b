// How much processor time a process may take for what others ask of it.
#pragma once

#include <chrono>
#include <mutex>

namespace synth::cli {

// Earns `share` of one core's time, up to `burst` seconds; what the whole process spends is taken off.
class CpuBudget {
 public:
  CpuBudget(double share, double burst);

  // Waits until something is left, at most so long; whether it is. Many may wait at once.
  bool admit(std::chrono::milliseconds at_most);

 private:
  bool left();

  const double share_, burst_;
  std::mutex mutex_;
  double credit_, spent_;  // seconds
  std::chrono::steady_clock::time_point at_;
};

}  // namespace synth::cli
