// Training and measuring a Mask R-CNN over one network.
#include "synth/cli/detector_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "evaluators/detection/measuring.h"
#include "evaluators/detection/training.h"
#include "evaluators/evaluator.h"
#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/cli/console.h"
#include "synth/cli/duration.h"
#include "synth/cli/files.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/export/file_output.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace po = boost::program_options;
using namespace evaluators::detection;
using nlohmann::ordered_json;
using search_space::EnvironmentError;
using search_space::InputError;

namespace {

constexpr double default_seconds = 15 * 60;

struct Width {
  const char* option;
  int DetectorOptions::*chosen;
  int search_space::MaskRcnn::*used;
  int most;
  const char* meaning;
};
constexpr Width widths[] = {{"pyramid-width", &DetectorOptions::pyramid_width, &search_space::MaskRcnn::pyramid_width,
                             4096, "channels of the feature pyramid (mask-rcnn)"},
                            {"box-width", &DetectorOptions::box_width, &search_space::MaskRcnn::box_width, 8192,
                             "of the box head's dense layers (mask-rcnn)"},
                            {"mask-width", &DetectorOptions::mask_width, &search_space::MaskRcnn::mask_width, 4096,
                             "channels of the mask head (mask-rcnn)"},
                            {"mask-layers", &DetectorOptions::mask_layers, &search_space::MaskRcnn::mask_layers, 16,
                             "3x3 convolutions of the mask head (mask-rcnn)"}};

InstanceData load_objects(const std::string& data, std::int64_t seed, Console& console) {
  InstanceData loaded = load_instances(evaluators::parse_data_spec(data), static_cast<std::uint64_t>(seed));
  for (const std::string& note : loaded.notes) console.note("data: " + note);
  return loaded;
}

DetectorSettings chosen_settings(const InstanceData& data, const DetectorOptions& options) {
  DetectorSettings settings = settings_for(data);
  for (const Width& width : widths)
    if (options.*width.chosen > 0) settings.task.*width.used = options.*width.chosen;
  if (options.anchor_scale > 0) settings.anchor_scale = options.anchor_scale;
  if (options.proposals > 0)
    settings.task.proposals = settings.training_proposals = settings.proposals.before_suppression =
        settings.proposals.after_suppression = options.proposals;
  return settings;
}

DetectorTraining chosen_training(const CommandLine& line, const TrainingOptions& training,
                                 const DetectorOptions& options) {
  DetectorTraining chosen;
  if (line.given("epochs")) chosen.epochs = training.settings.epochs;
  if (line.given("time")) chosen.seconds = parse_duration(options.time, "--time");
  if (!line.given("epochs") && !line.given("time")) chosen.seconds = default_seconds;
  if (line.given("batch-size")) chosen.batch_size = training.settings.batch_size;
  if (line.given("learning-rate")) chosen.learning_rate = training.settings.learning_rate;
  return chosen;
}

std::string precision_text(double value) {
  return value < 0 ? "-" : fmt::format("{:.3f}", value);
}

std::function<void(const DetectorProgress&)> detector_progress(const std::string& what, bool quiet) {
  if (quiet) return {};
  using Clock = std::chrono::steady_clock;
  const bool live = is_terminal(stderr);
  const auto interval = live ? std::chrono::milliseconds(500) : std::chrono::milliseconds(15000);
  auto last = std::make_shared<Clock::time_point>(Clock::now());
  return [=](const DetectorProgress& progress) {
    if (Clock::now() - *last < interval) return;
    *last = Clock::now();
    const std::string line =
        fmt::format("{}: {:.0f} % done, epoch {:.1f}, loss {:.2f}, {:.1f} images/s{}", what, 100 * progress.done,
                    progress.epoch, progress.loss, progress.images_per_second,
                    progress.mask_ap < 0 ? "" : fmt::format(", best mask AP {:.3f}", progress.mask_ap));
    std::fprintf(stderr, live ? "\r\033[K%s" : "%s\n", line.c_str());
    std::fflush(stderr);
  };
}

ordered_json precision_json(const AveragePrecision& p) {
  const auto figure = [](double value) { return value < 0 ? ordered_json(nullptr) : ordered_json(value); };
  return {{"ap", figure(p.ap)},       {"ap50", figure(p.ap50)},     {"ap75", figure(p.ap75)},
          {"small", figure(p.small)}, {"medium", figure(p.medium)}, {"large", figure(p.large)}};
}

void add_scores(ordered_json& document, const DetectorScores& scores, const std::string& split) {
  document["split"] = split;
  document["images"] = scores.images;
  document["objects"] = scores.objects;
  document["detections"] = scores.detections;
  document["box"] = precision_json(scores.boxes);
  document["mask"] = precision_json(scores.masks);
}

std::string scores_text(const DetectorScores& scores, const std::string& split) {
  report::Table table({{fmt::format("{} split, {} images, {} objects", split, scores.images, scores.objects),
                        report::Align::left, true},
                       {"AP"},
                       {"AP50"},
                       {"AP75"},
                       {"small"},
                       {"medium"},
                       {"large"}});
  const auto add = [&](const char* name, const AveragePrecision& p) {
    std::vector<std::string> cells = {name};
    for (const double value : {p.ap, p.ap50, p.ap75, p.small, p.medium, p.large})
      cells.push_back(precision_text(value));
    table.add(cells);
  };
  add("boxes", scores.boxes);
  add("masks", scores.masks);
  return table.text(output_width());
}

const InstanceImages& part_of(const InstanceData& data, const std::string& split) {
  return split == "test" ? data.test : data.validation;
}

}  // namespace

void declare_detector_options(CommandLine& line, DetectorOptions& options) {
  auto add = line.add_options();
  add("task", po::value(&options.task)->default_value(options.task)->value_name("TASK"),
      "classification | mask-rcnn: objects with boxes and masks, over NETWORK as backbone");
  add("time", po::value(&options.time)->value_name("TIME"),
      "what training takes at most, e.g. 15m or 1h; for mask-rcnn, which without --epochs takes 15m");
  for (const Width& width : widths)
    add(width.option, po::value(&(options.*width.chosen))->value_name("N"), width.meaning);
  add("anchor-scale", po::value(&options.anchor_scale)->value_name("X"),
      "an anchor's size by its level's stride; default: by the sizes of the objects (mask-rcnn)");
  add("proposals", po::value(&options.proposals)->value_name("N"), "regions that the box head judges (mask-rcnn)");
}

bool trains_detector(const CommandLine& line, const DetectorOptions& options) {
  const std::vector<std::string> tasks = {"classification", "mask-rcnn"};
  if (std::find(tasks.begin(), tasks.end(), options.task) == tasks.end())
    throw InputError("synth train: --task: unknown task '" + options.task + "'" +
                     search_space::suggestion(options.task, tasks));
  if (options.task == "mask-rcnn") {
    if (line.given("device"))
      throw InputError("synth train: --device: a Mask R-CNN is trained on the processor; leave it out");
    if (line.given("no-bf16") && line.values()["no-bf16"].as<bool>())
      throw InputError("synth train: --no-bf16: a Mask R-CNN is always trained in 32-bit floats; leave it out");
    const auto check = [&](const char* option, int found, int most) {
      if (line.given(option) && (found < 1 || found > most))
        throw InputError(fmt::format("synth train: --{}: found {}, allowed are 1 to {}", option, found, most));
    };
    for (const Width& width : widths) check(width.option, options.*width.chosen, width.most);
    check("proposals", options.proposals, 10000);
    if (line.given("anchor-scale") && !(options.anchor_scale >= 0.5 && options.anchor_scale <= 64))
      throw InputError(
          fmt::format("synth train: --anchor-scale: found {}, allowed are 0.5 to 64", options.anchor_scale));
    return true;
  }
  std::vector<std::string> idle = {"time", "anchor-scale", "proposals"};
  for (const Width& width : widths) idle.emplace_back(width.option);
  for (const std::string& option : idle)
    if (line.given(option)) throw InputError("synth train: --" + option + " belongs to --task mask-rcnn");
  return false;
}

bool names_weights(const std::string& network) {
  const std::filesystem::path path = network;
  std::error_code unreadable;
  return std::filesystem::is_regular_file(path, unreadable) && path.extension() != ".json" && path.extension() != ".db";
}

StoredDetector read_detector(const std::string& file) {
  return StoredDetector(read_file(file), file);
}

int train_detector(const CommandLine& line, const std::string& network_text, const TrainingOptions& training,
                   const DetectorOptions& options, const std::string& out, bool overwrite) {
  Console console(line.common());
  const DetectorTraining chosen = chosen_training(line, training, options);
  const NetworkArgument network = resolve_network(network_text);
  const std::string data_text = line.given("data") ? training.data : "shapes-detection";
  const InstanceData data = load_objects(data_text, training.seed, console);
  const DetectorSettings settings = chosen_settings(data, options);
  search_space::Architecture backbone = network.architecture;
  backbone.classes = data.classes();
  backbone.input = {3, settings.task.height, settings.task.width};
  const std::uint64_t seed =
      search_space::stream_seed(static_cast<std::uint64_t>(training.seed), backbone.key(), "mask-rcnn");
  Detector detector = [&] {
    try {
      return Detector(backbone, settings, seed);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", network_text, error.what()));
    }
  }();
  const search_space::Cost cost =
      search_space::mask_rcnn_cost(backbone, settings.task, search_space::Counting::published).total();
  console.note(fmt::format("{} parameters, {} multiply-adds for an image of {}x{}",
                           report::format_count(static_cast<double>(cost.parameters())),
                           report::format_count(static_cast<double>(cost.multiply_adds)), settings.task.width,
                           settings.task.height));
  const Interrupt& interrupt = watch_for_interrupt(false);
  DetectorResult result;
  try {
    result = evaluators::detection::train_detector(detector, data, chosen, seed,
                                                   detector_progress(network.name, console.quiet()), &interrupt.stop);
  } catch (const evaluators::Stopped&) {
    console.note("interrupted before the first step; nothing was written");
    return Exit::interrupted;
  }
  if (is_terminal(stderr) && !console.quiet()) std::fputs("\n", stderr);
  if (result.outcome != evaluators::Outcome::trained)
    throw EnvironmentError(fmt::format("{}: {}: {}; try a lower --learning-rate", network.name,
                                       evaluators::outcome_name(result.outcome), result.message));
  const evaluators::DataSpec spec = evaluators::parse_data_spec(data_text);
  write_file(out,
             detector_to_safetensors(detector, {backbone, settings, data.class_names, data.category_ids,
                                                normalisation_of(data), spec.size, data.name, training.seed}),
             overwrite);
  if (result.stopped) console.note("interrupted; the best weights so far are in " + out);
  const DetectorScores scores = measure_detector(detector, all_of(data.validation), normalisation_of(data));
  if (line.common().json) {
    ordered_json document = {{"schema", "synth/train/1"},
                             {"task", "mask-rcnn"},
                             {"key", backbone.key()},
                             {"parameters", cost.parameters()},
                             {"multiply_adds", cost.multiply_adds},
                             {"epochs", result.epochs},
                             {"seconds", result.seconds},
                             {"images_per_second", result.images_per_second},
                             {"weights", out}};
    add_scores(document, scores, "validation");
    print_json(document);
  } else {
    std::fputs(scores_text(scores, "validation").c_str(), stdout);
    std::puts(
        fmt::format("{:.1f} epochs in {}; weights in {}", result.epochs, report::format_seconds(result.seconds), out)
            .c_str());
  }
  return result.stopped ? Exit::interrupted : Exit::done;
}

int evaluate_detector(const CommandLine& line, const std::string& file, const TrainingOptions& training,
                      const std::string& split) {
  Console console(line.common());
  for (const char* option : {"weights", "activation-bits", "confidence", "device"})
    if (line.given(option))
      throw InputError(fmt::format("synth evaluate: --{} belongs to classification; {} is a detector with its weights",
                                   option, file));
  const StoredDetector stored = read_detector(file);
  const DetectorDescription& d = stored.description();
  evaluators::DataSpec spec = evaluators::parse_data_spec(line.given("data") ? training.data : d.data);
  if (spec.size == 0) spec.size = d.image_size;
  const InstanceData data =
      load_objects(evaluators::data_spec_text(spec), line.given("seed") ? training.seed : d.seed, console);
  if (data.class_names != d.class_names)
    throw InputError(fmt::format("{}: trained on the classes {}, but data '{}' have {}", file,
                                 fmt::join(d.class_names, ", "), data.name, fmt::join(data.class_names, ", ")));
  const InstanceImages& images = part_of(data, split);
  int height = 1, width = 1;
  for (const InstanceImage& image : images) {
    height = std::max(height, image.height);
    width = std::max(width, image.width);
  }
  Detector detector = stored.for_images(height, width);
  const DetectorScores scores = measure_detector(detector, all_of(images), d.normalisation);
  if (line.common().json) {
    ordered_json document = {{"schema", "synth/evaluate/1"}, {"task", "mask-rcnn"}};
    add_scores(document, scores, split);
    print_json(document);
  } else {
    std::fputs(scores_text(scores, split).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace synth::cli
