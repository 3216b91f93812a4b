// Requests as JSON, and the files that they name.
#include "evaluators/command_request.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "search_space/layers_json.h"
#include "search_space/lowering.h"

namespace evaluators {
namespace {

using nlohmann::ordered_json;

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << '\n' << std::flush;
  if (!file) throw search_space::EnvironmentError(fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
}

}  // namespace

std::string request_text(const Request& request, const search_space::Architecture& architecture,
                         const CommandSettings& settings, const std::string& folder) {
  ordered_json budget = {{"epochs", settings.epochs}};
  if (settings.time_limit_seconds > 0) budget["seconds"] = settings.time_limit_seconds;
  ordered_json wanted = {"accuracy", "samples"};
  if (settings.needs_latency) wanted.push_back("latency_ms");
  const ordered_json document = {{"schema", "synth/evaluation-request/1"},
                                 {"key", request.key},
                                 {"seed", request.seed >> 11},  // 53 bits: exact in every reader of JSON
                                 {"folder", folder},
                                 {"architecture", folder + "/architecture.json"},
                                 {"layers", folder + "/layers.json"},
                                 {"data", settings.data},
                                 {"classes", architecture.classes},
                                 {"budget", std::move(budget)},
                                 {"weight_bits", settings.weight_bits},
                                 {"activation_bits", settings.activation_bits},
                                 {"wanted", std::move(wanted)}};
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string write_request(const Request& request, const search_space::Architecture& architecture,
                          const CommandSettings& settings, const std::string& folder) {
  const std::string question = request_text(request, architecture, settings, folder);
  write(folder + "/architecture.json", search_space::architecture_to_json(architecture).dump(2));
  write(folder + "/layers.json", search_space::layers_to_json(search_space::lower(architecture)).dump(2));
  write(folder + "/request.json", question);
  return question;
}

std::string answers_key(const CommandSettings& settings) {
  return fmt::format("data={};epochs={};weight_bits={};activation_bits={};needs_latency={};time_limit_seconds={}",
                     settings.data_fingerprint, settings.epochs, settings.weight_bits, settings.activation_bits,
                     settings.needs_latency, settings.time_limit_seconds);
}

}  // namespace evaluators
