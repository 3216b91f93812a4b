// Access to parameters, and the identity of a network.
#include "search_space/architecture.h"

#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "search_space/random.h"

namespace search_space {

int ModuleSpec::at(std::string_view wanted) const {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == wanted) return parameter.value;
  }
  throw InputError("module '" + kind + "': parameter '" + std::string(wanted) + "' is missing");
}

std::string Architecture::key() const {
  // One spelling per network: where a shortcut can be the identity, `identity` and `residual` are the same network;
  // where it cannot, `identity` is none.
  Architecture canonical = *this;
  int channels = input.channels;
  for (const Layer& layer : stem) {
    if (layer.op == "conv") channels = layer.width;
  }
  for (Slot& slot : canonical.slots) {
    if (slot.shortcut == Shortcut::identity) {
      slot.shortcut = slot.stride == 1 && channels == slot.width ? Shortcut::residual : Shortcut::none;
    }
    channels = slot.width;
  }
  return content_hash(architecture_to_json(canonical).dump());
}

}  // namespace search_space
