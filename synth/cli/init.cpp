// synth init: a configuration of a search for a folder of data.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/advice.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/init_config.h"
#include "synth/cli/json_output.h"
#include "synth/cli/own_output.h"
#include "synth/cli/search_config.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;
using search_space::EnvironmentError;
using search_space::InputError;

// Asked of the search itself, which is another program and may not be installed.
std::optional<TimeEstimate> measure(const InitialConfig& config) {
  const std::string answer = output_of_synth({"search", "--data", config.data, "--prototype", config.prototype,
                                              "--require", config.require, "--dry-run", "--json"});
  const nlohmann::json found = nlohmann::json::parse(answer, nullptr, false);
  if (!found.is_object() || !found.contains("estimated_seconds")) return std::nullopt;
  const auto& seconds = found["estimated_seconds"];
  return TimeEstimate{seconds.at("prototype"), seconds.at("candidate"), found.at("estimated_evaluations_per_hour")};
}

std::vector<std::string> advice_on(const InitialConfig& config, const evaluators::DataSurvey& survey) {
  prototypes::Adaptation adaptation;
  adaptation.classes = static_cast<int>(survey.class_names.size());
  adaptation.channels = survey.channels;
  adaptation.height = adaptation.width = config.side;
  SearchOptions options;
  fill_in_epochs(options, survey.images);
  auto sentences = advice({prototypes::adapt(prototypes::load(config.prototype), adaptation), survey.images,
                           survey.fewest, survey.fewest_class, options.epochs});
  for (const std::string& message : survey.bad)
    sentences.push_back(message + " (',skip_corrupt=1' in --data leaves such files out)");
  return sentences;
}

void write_new(const std::string& path, const std::string& text, bool overwrite) {
  if (!overwrite && std::filesystem::exists(path))
    throw EnvironmentError(fmt::format("--out {}: exists already; name another file, or use --overwrite", path));
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw EnvironmentError(fmt::format("--out {}: cannot be written", path));
}

int run_init(const Command& self, const std::vector<std::string>& arguments) {
  std::string folder, out = "search.json";
  bool overwrite = false, no_estimate = false;
  CommandLine line(self);
  line.positional(
      "FOLDER", "images with a folder per class (in train/ and val/, or alone), MNIST's or CIFAR-10's files", &folder);
  line.add_options()                                                                                   //
      ("out", po::value(&out)->value_name("FILE.json")->default_value(out), "configuration to write")  //
      ("overwrite", po::bool_switch(&overwrite), "replace it")                                         //
      ("no-estimate", po::bool_switch(&no_estimate), "do not time the prototype, which reads all of the data");
  if (!line.parse(arguments)) return Exit::done;
  Console console(line.common());
  const evaluators::DataSurvey survey = evaluators::survey_data(folder);
  InitialConfig config = initial_config(folder, survey);
  const std::vector<std::string> sentences = advice_on(config, survey);
  std::optional<TimeEstimate> estimate;
  if (!no_estimate) {
    console.note("timing a few training steps of " + config.prototype);
    estimate = measure(config);
  }
  if (estimate) config.time = budget_for(*estimate);
  const std::string file = results_db::as_word(out);
  const std::string text = config_text(config, survey, estimate, sentences, file);
  write_new(out, text, overwrite);
  if (line.common().json) {
    nlohmann::ordered_json document = {{"schema", "synth/init/1"}, {"file", out}, {"config", config_json(config)}};
    document["images"] = survey.images;
    document["classes"] = survey.class_names;
    document["fewest_per_class"] = survey.fewest;
    document["advice"] = sentences;
    document["estimated_seconds"] = nullptr;
    if (estimate)
      document["estimated_seconds"] = {{"prototype", estimate->prototype}, {"candidate", estimate->candidate}};
    print_json(document);
  } else {
    std::fputs(text.c_str(), stdout);
    console.note(fmt::format("wrote {}; start the search with:  synth search --config {}", out, file));
  }
  return Exit::done;
}

}  // namespace

Command init_command() {
  return {"init", "looks at a folder of images and writes a configuration for a search", run_init};
}

}  // namespace synth::cli
