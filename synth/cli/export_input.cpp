// Weights, data, facts and lineage of a NETWORK argument.
#include "synth/cli/export_input.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "evaluators/integer_conversion.h"
#include "evaluators/trained_evaluator.h"
#include "results_db/address.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/cli/console.h"
#include "synth/cli/files.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/run_context.h"
#include "synth/cli/search_run.h"
#include "synth/cli/training_options.h"
#include "synth/cli/version.h"
#include "synth/report/lineage.h"

namespace synth::cli {

namespace {

// What the run knows, for formats that can tell it on.
std::map<std::string, std::string> facts_of(const NetworkArgument& network) {
  const auto cost = search_space::cost_of(search_space::lower(network.architecture));
  std::map<std::string, std::string> facts = {{"key", network.architecture.key()},
                                              {"generator", fmt::format("synth {}", program_version)},
                                              {"parameters", std::to_string(cost.parameters())},
                                              {"multiply-adds", std::to_string(cost.multiply_adds)}};
  if (network.data) {
    facts["data"] = network.data->spec;
    facts["requirements"] = network.data->requirements;
  }
  if (network.record) facts["validation accuracy"] = fmt::format("{:.4f}", network.record->evaluation.accuracy);
  if (network.test_accuracy) facts["test accuracy"] = fmt::format("{:.4f}", *network.test_accuracy);
  return facts;
}

// Images, the network fitted to them, and the integer network where the format needs it and weights are there.
void add_data(const ExportFormat& format, const ExportSource& source, const NetworkArgument& network, Console& console,
              ExportInput& input) {
  const auto spec = evaluators::parse_data_spec(source.data);
  const auto data =
      std::make_shared<evaluators::DataSet>(evaluators::load_data(spec, static_cast<std::uint64_t>(source.seed)));
  console.note(describe_data(*data));
  input.architecture = fit_to_data(network.architecture, source.network, *data);
  input.facts["key"] = input.architecture.key();
  input.facts["data"] = evaluators::data_spec_text(spec);
  input.facts["data fingerprint"] = data->fingerprint;
  input.facts["input mean"] = fmt::format("{}", fmt::join(data->mean, ", "));
  input.facts["input deviation"] = fmt::format("{}", fmt::join(data->deviation, ", "));
  input.data = data;
  if (format.needs == Needs::integers && input.weights && !input.weights->empty())
    input.integers = evaluators::integer_network(input.architecture, *input.weights,
                                                 source.weights.empty() ? source.network : source.weights, *data);
}

// How its run came to it.
std::optional<std::string> lineage_of(const NetworkArgument& network, const std::string& text) {
  if (!network.record) return std::nullopt;
  RunContext context = open_run(text.substr(0, results_db::network_mark(text)), results_db::Access::read);
  return report::ancestry_json(context.view(), network.record->id).dump(2) + "\n";
}

}  // namespace

ExportInput export_input(const ExportFormat& format, ExportSource source, bool verify, Console& console) {
  if (source.seed < 0)
    throw search_space::InputError(fmt::format("--seed: found {}, allowed is 0 or more", source.seed));
  NetworkArgument network = resolve_network(source.network, format.needs != Needs::nothing && source.weights.empty());
  if (!source.weights.empty()) network.weights = read_file(source.weights);
  if (network.data && source.data.empty()) source.data = network.data->spec;
  if (network.data && !source.seed_given) source.seed = network.data->seed;
  // Formats that are verified on images also say how these are normalised, where it is known on what data.
  const bool wants_data = format.verifies_on_images && (verify || !source.data.empty());
  if (source.data.empty()) source.data = TrainingOptions{}.data;
  ExportInput input{network.name, network.architecture, network.weights};
  input.facts = facts_of(network);
  if (format.tells_lineage) input.lineage = lineage_of(network, source.network);
  if (format.needs == Needs::integers || wants_data) add_data(format, source, network, console, input);
  if (!source.weights.empty()) evaluators::check_weights(input.architecture, *input.weights, source.weights);
  return input;
}

}  // namespace synth::cli
