// Where networks run.
#pragma once

#include <c10/core/StreamGuard.h>

#include <optional>
#include <string>

namespace evaluators {

// "cpu", "cuda" or "cuda:N". InputError for any other name; EnvironmentError if the GPU is not there.
c10::Device parse_device(const std::string& name);

// While it lives, what this thread starts on the device goes into a queue of its own: candidates that are trained side
// by side on one GPU do not wait for each other. What it computed is to be read (copied to the CPU) within its life.
class OwnStream {
 public:
  explicit OwnStream(c10::Device device);

 private:
  std::optional<c10::StreamGuard> guard_;
};

}  // namespace evaluators
