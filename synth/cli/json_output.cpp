// Printing JSON documents.
#include "synth/cli/json_output.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace synth::cli {

void print_json(const nlohmann::ordered_json& document) {
  // File names and messages may hold bytes that are not UTF-8; they must not make a document impossible.
  const std::string text = document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace synth::cli
