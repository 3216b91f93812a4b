// synth compare: networks side by side, as in the papers' tables.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "search_space/architecture_parts.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/format_option.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/report/comparison.h"
#include "synth/report/detection.h"
#include "synth/report/reported.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;
using search_space::InputError;

struct CompareOptions {
  std::vector<std::string> networks, accuracies;
  std::string baseline, format = "text", count = "folded", reported, task = "classification", image = "800x1333";
  int bits = 0;  // 0 = each network's own
  engine::NetScore score;
  search_space::MaskRcnn detection;
};

report::ComparedNetwork compared(const NetworkArgument& network, search_space::Counting counting) {
  report::ComparedNetwork row;
  row.name = network.name;
  row.cost = search_space::cost_of(search_space::lower(network.architecture), counting);
  row.weight_bits = network.weight_bits;
  if (network.test_accuracy) {
    row.accuracy = network.test_accuracy;
    row.split = "test";
  } else if (network.record && network.record->evaluation.outcome == evaluators::Outcome::trained) {
    row.accuracy = network.record->evaluation.accuracy;
    row.split = "validation";
  }
  return row;
}

// "NETWORK=73.0" or "NETWORK=73%" gives a network of the list its top-1 in percent.
void take_accuracy(const std::string& text, const std::vector<std::string>& texts, report::Comparison& comparison) {
  const std::size_t equals = text.rfind('=');
  const std::string name = text.substr(0, equals);
  const auto found = std::find(texts.begin(), texts.end(), name);
  if (equals == std::string::npos || found == texts.end()) {
    throw InputError(
        fmt::format("synth compare: --accuracy {}: NETWORK=PERCENT with a NETWORK of the list is expected{}", text,
                    search_space::suggestion(name, texts)));
  }
  std::string figure = text.substr(equals + 1);
  if (figure.ends_with('%')) figure.pop_back();
  double percent = 0;
  const auto [end, error] = std::from_chars(figure.data(), figure.data() + figure.size(), percent);
  if (error != std::errc() || end != figure.data() + figure.size() || !(percent > 0 && percent <= 100)) {
    throw InputError(fmt::format("synth compare: --accuracy {}: a percentage above 0, at most 100, is expected", text));
  }
  auto& network = comparison.networks[found - texts.begin()];
  network.accuracy = percent / 100;
  network.split = "given";
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

void compare_classifiers(const CompareOptions& options, search_space::Counting counting) {
  report::Comparison comparison;
  comparison.score = options.score;
  comparison.counting = counting;
  for (const std::string& text : options.networks) {
    if (text == options.baseline) comparison.baseline = static_cast<int>(comparison.networks.size());
    comparison.networks.push_back(compared(resolve_network(text), counting));
    if (options.bits != 0) comparison.networks.back().weight_bits = options.bits;
  }
  for (const std::string& text : options.accuracies) take_accuracy(text, options.networks, comparison);
  if (options.format == "json") return print_json(report::comparison_json(comparison));
  if (options.format == "svg") return print(report::comparison_svg(comparison));
  print(report::comparison_text(comparison, output_width()));
}

// "800x1333": height and width in pixels.
void take_image(const std::string& text, search_space::MaskRcnn& task) {
  int used = 0;
  const bool two = std::sscanf(text.c_str(), "%dx%d%n", &task.height, &task.width, &used) == 2 &&
                   used == static_cast<int>(text.size());
  if (!two || std::min(task.height, task.width) < search_space::MaskRcnn::smallest_side ||
      std::max(task.height, task.width) > search_space::largest_image) {
    throw InputError(fmt::format(
        "synth compare: --input: found '{}'; HEIGHTxWIDTH with sides of {} (two cells of stride 32) to {} is expected",
        text, search_space::MaskRcnn::smallest_side, search_space::largest_image));
  }
}

void compare_detectors(const CompareOptions& options, search_space::Counting counting) {
  report::DetectionComparison comparison;
  comparison.task = options.detection;
  comparison.counting = counting;
  take_image(options.image, comparison.task);
  const auto check = [](const char* option, int found, int smallest) {
    constexpr int largest = 100000;
    if (found >= smallest && found <= largest) return;
    throw InputError(
        fmt::format("synth compare: --{}: found {}, allowed are {} to {}", option, found, smallest, largest));
  };
  check("classes", comparison.task.classes, 2);
  check("proposals", comparison.task.proposals, 1);
  check("detections", comparison.task.detections, 1);
  check("pyramid-width", comparison.task.pyramid_width, 1);
  check("box-width", comparison.task.box_width, 1);
  check("mask-width", comparison.task.mask_width, 1);
  check("mask-layers", comparison.task.mask_layers, 1);
  if (options.task == "mask-rcnn-c4") comparison.task.variant = search_space::MaskRcnn::Variant::c4;
  for (const std::string& text : options.networks) {
    if (text == options.baseline) comparison.baseline = static_cast<int>(comparison.networks.size());
    const NetworkArgument network = resolve_network(text);
    try {
      comparison.networks.push_back({network.name,
                                     search_space::mask_rcnn_cost(network.architecture, comparison.task, counting),
                                     options.bits != 0 ? options.bits : network.weight_bits});
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", text, error.what()));
    }
  }
  if (options.format == "json") return print_json(report::detection_json(comparison));
  print(report::detection_text(comparison, output_width()));
}

void print_reported(const CompareOptions& options) {
  if (options.format == "json") return print_json(report::reported_json(options.reported));
  if (options.format == "svg") return print(report::reported_svg(options.reported));
  print(report::reported_text(options.reported, output_width()));
}

// "0.76" is a percentage like any other, but seldom meant.
void hint_at_fractions(const CommandLine& line, const CompareOptions& options) {
  for (const std::string& text : options.accuracies) {
    const double percent = std::atof(text.substr(text.rfind('=') + 1).c_str());
    if (percent > 1 || text.ends_with('%')) continue;
    Console(line.common())
        .note(
            fmt::format("--accuracy {} is taken as {:g} %; for a fraction write {:g}%", text, percent, percent * 100));
  }
}

void declare(CommandLine& line, CompareOptions& options) {
  search_space::MaskRcnn& task = options.detection;
  line.positionals("NETWORK", "built-in names with options, .json files, RUN#ID, RUN@G2:s3, RUN@A", &options.networks,
                   0);
  line.add_options()  //
      ("baseline", po::value(&options.baseline)->value_name("NET"),
       "network that ratios refer to; added if not in the list")  //
      ("reported", po::value(&options.reported)->value_name("SET"),
       "the papers' tables and claims instead: imagenet50")  //
      ("accuracy", po::value(&options.accuracies)->value_name("NET=PCT"),
       "top-1 of a network that no run measured; repeatable")  //
      ("bits", po::value(&options.bits)->value_name("N"),
       "weight precision of all networks; default: the run's, else 32")  //
      ("count", po::value(&options.count)->default_value(options.count)->value_name("HOW"),
       "folded (batch norm in the convolution) | published (its scale and shift counted)")  //
      ("alpha", po::value(&options.score.alpha)->default_value(2, "2")->value_name("X"),
       "NetScore's weight of accuracy")                                                                           //
      ("beta", po::value(&options.score.beta)->default_value(0.5, "0.5")->value_name("X"), "of parameters")       //
      ("gamma", po::value(&options.score.gamma)->default_value(0.5, "0.5")->value_name("X"), "of multiply-adds")  //
      ("task", po::value(&options.task)->default_value(options.task)->value_name("TASK"),
       "classification | mask-rcnn | mask-rcnn-c4: costs of a Mask R-CNN over each network, with a feature pyramid or "
       "without; with no NETWORK over those of AttoNets section 4.2: attonet_a to attonet_d, baseline resnet50")  //
      ("input", po::value(&options.image)->default_value(options.image)->value_name("HxW"), "of a Mask R-CNN's image")(
          "classes", po::value(&options.detection.classes)->default_value(options.detection.classes)->value_name("N"),
          "of a Mask R-CNN, with the background")  //
      ("proposals",
       po::value(&options.detection.proposals)->default_value(options.detection.proposals)->value_name("N"),
       "regions that its box head judges")  //
      ("detections",
       po::value(&options.detection.detections)->default_value(options.detection.detections)->value_name("N"),
       "regions that get a mask")  //
      ("pyramid-width", po::value(&task.pyramid_width)->default_value(task.pyramid_width)->value_name("N"),
       "channels of its feature pyramid")  //
      ("box-width", po::value(&task.box_width)->default_value(task.box_width)->value_name("N"),
       "of its box head's dense layers")  //
      ("mask-width", po::value(&task.mask_width)->default_value(task.mask_width)->value_name("N"),
       "channels of its mask head")  //
      ("mask-layers", po::value(&task.mask_layers)->default_value(task.mask_layers)->value_name("N"),
       "3x3 convolutions of its mask head")  //
      ("format", po::value(&options.format)->default_value(options.format)->value_name("FORMAT"), "text | json | svg");
}

void check_task(const CompareOptions& options) {
  const std::vector<std::string> tasks = {"classification", "mask-rcnn", "mask-rcnn-c4"};
  if (std::find(tasks.begin(), tasks.end(), options.task) == tasks.end()) {
    throw InputError("synth compare: --task: unknown task '" + options.task + "'" +
                     search_space::suggestion(options.task, tasks));
  }
}

// A task without networks is the paper's comparison.
void take_published_backbones(CompareOptions& options) {
  const report::DetectionBackbones published = report::published_backbones();
  if (options.baseline.empty()) options.baseline = published.baseline;
  options.networks = published.others;
}

void check(const CommandLine& line, const CompareOptions& options) {
  if (line.given("reported") != options.networks.empty()) {
    throw InputError(options.networks.empty() ? "synth compare: at least one NETWORK, or --reported SET, is needed"
                                              : "synth compare: --reported takes no NETWORK");
  }
  if (options.count != "folded" && options.count != "published") {
    throw InputError("synth compare: --count: found '" + options.count + "', allowed are folded, published");
  }
  if (line.given("bits") && options.bits != 8 && options.bits != 16 && options.bits != 32) {
    throw InputError(fmt::format("synth compare: --bits: found {}, allowed are 8, 16, 32", options.bits));
  }
}

// An option without effect would let a user believe that the figures follow it.
void refuse_idle_options(const CommandLine& line, const CompareOptions& options) {
  const auto refuse = [&](const std::vector<const char*>& idle, const char* reason) {
    for (const char* option : idle) {
      if (line.given(option)) throw InputError(fmt::format("synth compare: --{} {}", option, reason));
    }
  };
  if (line.given("reported")) {
    refuse({"task", "baseline", "accuracy", "bits", "count", "alpha", "beta", "gamma", "input", "classes", "proposals",
            "detections", "pyramid-width", "box-width", "mask-width", "mask-layers"},
           "has no effect beside --reported, which prints the papers' figures as they stand; leave it out");
  } else if (options.task == "classification") {
    refuse({"input", "classes", "proposals", "detections", "pyramid-width", "box-width", "mask-width", "mask-layers"},
           "belongs to --task mask-rcnn; for classification write NETWORK,size=H,classes=N");
  } else {
    refuse({"accuracy", "alpha", "beta", "gamma"},
           "belongs to classification; a Mask R-CNN is measured by average precision ('synth evaluate'), not NetScore");
    if (options.task == "mask-rcnn-c4")
      refuse({"pyramid-width", "box-width", "mask-width", "mask-layers"},
             "belongs to --task mask-rcnn; the form without a pyramid has the published widths");
  }
}

int run_compare(const Command& self, const std::vector<std::string>& arguments) {
  CompareOptions options;
  CommandLine line(self);
  declare(line, options);
  if (!line.parse(arguments)) return Exit::done;
  check_task(options);
  if (options.task != "classification" && options.networks.empty() && !line.given("reported")) {
    take_published_backbones(options);
  }
  check(line, options);
  refuse_idle_options(line, options);
  const bool picture = options.task == "classification";
  options.format = chosen_format(
      line, "compare", options.format,
      picture ? std::vector<std::string>{"text", "json", "svg"} : std::vector<std::string>{"text", "json"});
  if (line.given("reported")) {
    print_reported(options);
    return Exit::done;
  }
  auto& networks = options.networks;
  if (!options.baseline.empty() && std::find(networks.begin(), networks.end(), options.baseline) == networks.end()) {
    networks.insert(networks.begin(), options.baseline);
  }
  const auto counting =
      options.count == "published" ? search_space::Counting::published : search_space::Counting::folded;
  options.task == "classification" ? compare_classifiers(options, counting) : compare_detectors(options, counting);
  hint_at_fractions(line, options);
  return Exit::done;
}

}  // namespace

Command compare_command() {
  return {"compare", "networks side by side: accuracy, costs, NetScore, ratios", run_compare};
}

}  // namespace synth::cli
