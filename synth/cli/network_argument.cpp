// Telling the forms of NETWORK apart.
#include "synth/cli/network_argument.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "search_space/errors.h"
#include "synth/cli/run_context.h"

namespace synth::cli {

namespace {

// "run.db#12" of "/tmp/run.db#12".
std::string without_folder(const std::string& text) {
  return std::filesystem::path(text).filename().string();
}

NetworkArgument from_record(const RunContext& context, results_db::Record record, std::string name) {
  NetworkArgument network;
  network.name = std::move(name);
  network.architecture = context.architecture(record);
  network.data = RunData{context.run.data, context.options.seed};
  network.weight_bits = context.objective.requirements().weight_bits;
  if (!record.evaluation.weights.empty()) network.weights = std::move(record.evaluation.weights);
  record.evaluation.weights.clear();
  network.record = std::move(record);
  return network;
}

NetworkArgument from_generator(const RunContext& context, const std::string& place, const std::string& text,
                               bool with_weights) {
  int generator = 0, seed = 0, used = 0;
  const bool generated = std::sscanf(place.c_str(), "G%d:s%d%n", &generator, &seed, &used) == 2 &&
                         used == static_cast<int>(place.size()) && generator >= 0 && seed >= 0;
  if (generated) {
    return from_record(context, find_generated(context, generator, seed, with_weights), without_folder(text));
  }
  std::vector<std::string> names;
  for (auto& member : context.db.family(with_weights)) {
    if (member.name == place) {
      NetworkArgument network = from_record(context, context.db.record(member.network, false), without_folder(text));
      if (!member.weights.empty()) network.weights = std::move(member.weights);
      const auto result = nlohmann::json::parse(member.result);
      const char* figure = network.weight_bits == 32 ? "test_accuracy" : "int8_test_accuracy";
      if (result.contains(figure)) network.test_accuracy = result.at(figure).get<double>();
      return network;
    }
    names.push_back(member.name);
  }
  throw search_space::InputError(
      fmt::format("{}: after '@' comes G2:s3 (generator 2, seed index 3){}", text,
                  names.empty() ? "" : " or a family member's name" + search_space::suggestion(place, names)));
}

}  // namespace

NetworkArgument resolve_network(const std::string& text, bool with_weights) {
  const std::size_t hash = text.rfind('#'), at = text.rfind('@');
  if (hash != std::string::npos) {
    const RunContext context = open_run(text.substr(0, hash), results_db::Access::read);
    return from_record(context, find_network(context, text.substr(hash + 1), with_weights), without_folder(text));
  }
  if (at != std::string::npos) {
    const RunContext context = open_run(text.substr(0, at), results_db::Access::read);
    return from_generator(context, text.substr(at + 1), text, with_weights);
  }
  if (std::filesystem::path(text).extension() == ".db") {
    throw search_space::InputError(fmt::format(
        "{0} is a run; name one of its networks: {0}#12 or {0}@G2:s3 ('synth lineage {0}' lists them)", text));
  }
  NetworkArgument network;
  network.architecture = prototypes::load(text).design;
  network.name = std::filesystem::path(text.substr(0, text.find(','))).stem().string();
  if (const std::size_t comma = text.find(','); comma != std::string::npos) network.name += text.substr(comma);
  return network;
}

}  // namespace synth::cli
