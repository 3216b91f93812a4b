// Telling the forms of NETWORK apart.
#include "synth/cli/network_argument.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/run_context.h"

namespace synth::cli {

namespace {

// "run.db#12" of "/tmp/run.db#12", "run#12" of a URL.
std::string without_folder(const std::string& text) {
  if (!results_db::is_url(text)) return std::filesystem::path(text).filename().string();
  const std::size_t at = results_db::network_mark(text);
  return results_db::parse_address(text.substr(0, at)).run + text.substr(at);
}

NetworkArgument from_record(const RunContext& context, results_db::Record record, std::string name) {
  NetworkArgument network;
  network.title = network.name = std::move(name);
  network.architecture = context.architecture(record);
  network.data = RunData{context.run.data, context.options.seed, context.options.require};
  network.weight_bits = context.objective.requirements().weight_bits;
  if (!record.evaluation.weights.empty()) network.weights = std::move(record.evaluation.weights);
  record.evaluation.weights.clear();
  network.record = std::move(record);
  return network;
}

struct RunNetwork {
  RunContext context;
  results_db::Record record;
  std::string place;  // "#12", "@G2:s3"
};

RunNetwork find_in_run(const std::string& text, bool with_weights) {
  const std::size_t at = results_db::network_mark(text);
  if (const std::size_t comma = text.find(',', at); comma != std::string::npos) {
    throw search_space::InputError(fmt::format(
        "{0}: options such as '{1}' belong to built-in names and files; a network of a run is as it was trained. Write "
        "it to a file first: synth export {2} --format architecture --out FILE.json, then FILE.json{1}",
        text, text.substr(comma), text.substr(0, comma)));
  }
  RunContext context = open_run(text.substr(0, at), results_db::Access::read);
  results_db::Record record = find_place(context, text.substr(at), with_weights);
  return {std::move(context), std::move(record), text.substr(at)};
}

// What a family's member reached in full training, on the test images.
std::optional<double> member_accuracy(const RunNetwork& network, int weight_bits) {
  for (const auto& member : network.context.db.family(false)) {
    if ("@" + member.name != network.place) continue;
    const auto result = nlohmann::json::parse(member.result);
    const char* figure = weight_bits == 32 ? "test_accuracy" : "int8_test_accuracy";
    if (result.contains(figure)) return result.at(figure).get<double>();
  }
  return std::nullopt;
}

void check_not_run(const std::string& text) {
  if (std::filesystem::path(text).extension() != ".db" && !results_db::is_url(text)) return;
  throw search_space::InputError(fmt::format(
      "{0} is a run; name one of its networks: {0}#12 or {0}@G2:s3 ('synth lineage {0}' lists them)", text));
}

}  // namespace

bool names_run(const std::string& text) {
  return !prototypes::names_file(text) && results_db::network_mark(text) != std::string::npos;
}

NetworkArgument resolve_network(const std::string& text, bool with_weights) {
  if (names_run(text)) {
    RunNetwork found = find_in_run(text, with_weights);
    NetworkArgument network = from_record(found.context, std::move(found.record), without_folder(text));
    network.test_accuracy = member_accuracy(found, network.weight_bits);
    return network;
  }
  check_not_run(text);
  NetworkArgument network;
  search_space::Prototype prototype = prototypes::load(text);
  network.architecture = std::move(prototype.design);
  const std::string base = prototypes::base_of(text), options = text.substr(base.size());
  network.name = std::filesystem::path(base).stem().string() + options;
  const bool named = prototypes::names_file(text) && !prototype.name.empty() && prototype.name != base;
  network.title = named ? prototype.name + options : network.name;
  return network;
}

search_space::Prototype resolve_prototype(const std::string& text) {
  if (!names_run(text)) {
    check_not_run(text);
    return prototypes::load(text);
  }
  const RunNetwork found = find_in_run(text, false);
  search_space::Prototype prototype = found.context.space->source();
  prototype.design = found.context.architecture(found.record);
  prototype.name = text;
  return prototype;
}

}  // namespace synth::cli
