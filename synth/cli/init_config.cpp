// Choices by image size, and the text that explains them.
#include "synth/cli/init_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/report/table.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace {

namespace fs = std::filesystem;

constexpr int comment_width = 100;

// Sides that the built-in prototypes are at home with; larger images are reduced, smaller ones enlarged.
int training_side(const evaluators::DataSurvey& survey) {
  if (survey.square && survey.side >= 28 && survey.side <= 64) return survey.side;
  return survey.side >= 64 ? 64 : survey.side >= 48 ? 48 : 32;
}

// residual9 is for small images; above, the papers' prototype at a quarter of its widths costs as little.
std::string prototype_for(int side) {
  return side <= 48 ? "residual9" : side < 64 ? "attonet_seed" : "residual16,width=0.25";
}

std::string folder_name(const std::string& folder) {
  std::error_code unreadable;
  const fs::path whole = fs::weakly_canonical(folder, unreadable);
  return whole.filename().empty() ? "synth-run" : whole.filename().string();
}

std::string comment(const std::string& text, const std::string& indent) {
  std::string result, rest = report::wrapped_text(text + "\n", comment_width);
  for (std::size_t end = 0; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1))
    result += indent + "// " + rest.substr(0, end) + "\n";
  return result;
}

std::string describe(const evaluators::DataSurvey& survey, int side) {
  constexpr std::size_t most_named = 8;
  std::vector<std::string> names;
  for (const std::string& name : survey.class_names)
    if (names.size() < most_named) names.push_back(search_space::printable(name));
  const std::string size = survey.square ? fmt::format("{0}x{0} pixels", survey.side)
                                         : fmt::format("{} pixels on the shorter side", survey.side);
  return fmt::format("{} classes ({}{}); {} training images, {} of the rarest class ({}). {}. Images are of {}{}.",
                     survey.class_names.size(), fmt::join(names, ", "),
                     survey.class_names.size() > most_named ? ", ..." : "", survey.images, survey.fewest,
                     search_space::printable(survey.fewest_class), survey.layout, size,
                     side == survey.side && survey.square ? "" : fmt::format("; training takes them at {0}x{0}", side));
}

}  // namespace

InitialConfig initial_config(const std::string& folder, const evaluators::DataSurvey& survey) {
  InitialConfig config;
  config.side = training_side(survey);
  config.data = survey.kind + ":" + folder;
  if (!survey.square || config.side != survey.side) config.data += fmt::format(",size={}", config.side);
  if (!survey.bad.empty()) config.data += ",skip_corrupt=1";
  config.prototype = prototype_for(config.side);
  config.require = "accuracy>=prototype-2%,weight_bits=8";
  config.time = "30m";
  config.db = folder_name(folder) + ".db";
  return config;
}

std::string budget_for(const TimeEstimate& estimate) {
  constexpr double networks = 60;
  const double hours = networks / std::max(1e-3, estimate.networks_an_hour);
  const double minutes = estimate.prototype / 60 + 60 * hours;
  for (const auto& [limit, text] :
       {std::pair{5, "5m"}, {10, "10m"}, {20, "20m"}, {30, "30m"}, {60, "1h"}, {120, "2h"}, {240, "4h"}, {480, "8h"}}) {
    if (minutes <= limit) return text;
  }
  return "16h";
}

nlohmann::ordered_json config_json(const InitialConfig& config) {
  return {{"data", config.data},
          {"prototype", config.prototype},
          {"require", config.require},
          {"time", config.time},
          {"db", config.db}};
}

std::string config_text(const InitialConfig& config, const evaluators::DataSurvey& survey,
                        const std::optional<TimeEstimate>& estimate, const std::vector<std::string>& advice,
                        const std::string& file) {
  const nlohmann::ordered_json values = config_json(config);
  std::string text = comment(fmt::format("Start the search with:  synth search --config {}", file), "");
  text += comment("Every option of 'synth search --help' may stand here; the command line wins.", "");
  for (const std::string& sentence : advice) text += comment("Advice: " + sentence, "");
  text += "{\n";
  const auto entry = [&](const char* key, const std::string& why, bool last = false) {
    text += comment(why, "  ") + fmt::format("  \"{}\": {}{}\n", key, values[key].dump(), last ? "" : ",");
  };
  entry("data", describe(survey, config.side));
  entry("prototype", fmt::format("What the search starts from, fit for {0}x{0} images; 'synth list prototypes' names "
                                 "others. A lower width= trains faster.",
                                 config.side));
  entry("require",
        "Hard bounds for every network. This one lets the accuracy fall at most 2 points below the "
        "prototype's, with 8-bit weights. Others: accuracy>=90%, params<=100k, macs<=10M, "
        "weight_bytes<=64KiB, peak_activation_bytes<=64KiB.");
  entry("time", estimate ? fmt::format("Measured here: about {} to train the prototype, then at most {} for a network, "
                                       "{:.0f} networks an hour or more.",
                                       report::format_seconds(estimate->prototype),
                                       report::format_seconds(estimate->candidate), estimate->networks_an_hour)
                         : "Not measured here; 'synth search --dry-run' estimates how long a network takes.");
  entry("db", "The run; 'synth resume' goes on with it, 'synth lineage' and 'synth report' explain it.", true);
  return text + "}\n";
}

}  // namespace synth::cli
