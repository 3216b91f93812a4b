// Names of devices, and their queues.
#include "evaluators/device.h"

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>

#include "search_space/errors.h"

namespace evaluators {

using search_space::InputError;

c10::Device parse_device(const std::string& name) {
  std::optional<c10::Device> device;
  try {
    device.emplace(name);
  } catch (const c10::Error&) {
  }
  if (!device || !(device->is_cpu() || device->is_cuda()))
    throw InputError(fmt::format("device '{}'; allowed: cpu, cuda, cuda:N", name));
  // Told at once: else every candidate would fail on it, one after the other.
  const int gpus = static_cast<int>(at::getNumGPUs());
  if (device->is_cuda() && std::max<int>(0, device->index()) >= gpus)
    throw search_space::EnvironmentError(
        fmt::format("device '{}': LibTorch finds {} GPUs on this machine", name, gpus));
  return *device;
}

OwnStream::OwnStream(c10::Device device) {
  if (device.is_cpu()) return;
  const c10::impl::VirtualGuardImpl implementation(device.type());
  if (!device.has_index()) device = implementation.getDevice();
  guard_.emplace(implementation.getStreamFromGlobalPool(device));
}

}  // namespace evaluators
