// synth predict: what a trained detector finds on images.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "evaluators/detection/measuring.h"
#include "search_space/errors.h"
#include "synth/cli/console.h"
#include "synth/cli/detector_task.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/export/file_output.h"
#include "synth/report/overlay.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using namespace evaluators::detection;
using nlohmann::ordered_json;
using search_space::EnvironmentError;
using search_space::InputError;

constexpr const char* results_name = "detections.json";

struct PredictOptions {
  std::string network, out;
  std::vector<std::string> images, more_images;
  double score = 0.5;
  bool overwrite = false;
};

void declare(CommandLine& line, PredictOptions& options) {
  line.positional("NETWORK", "weights that 'synth train --task mask-rcnn' wrote", &options.network);
  line.positionals("IMAGE", "JPEG, PNG, WebP, BMP or GIF files", &options.images, 0);
  line.add_options()                                                                                              //
      ("images", po::value(&options.more_images)->multitoken()->value_name("IMAGE..."), "images, too")            //
      ("out", po::value(&options.out)->required()->value_name("DIR"), "folder for the drawings, made if needed")  //
      ("score", po::value(&options.score)->default_value(0.5, "0.5")->value_name("X"),
       "least score of what is drawn and listed; the file of results has all from 0.05 on")  //
      ("overwrite", po::bool_switch(&options.overwrite), "replace existing files");
  line.notes(
      fmt::format("DIR/IMAGE.png shows boxes, masks, classes and scores; DIR/{} holds all detections in the form "
                  "of COCO's results, images counted from 1 in the order given, with their file names.",
                  results_name));
}

// Where each image's drawing goes; two images of one name would overwrite each other.
std::vector<std::string> drawing_paths(const PredictOptions& options) {
  std::map<std::string, std::string> taken;
  std::vector<std::string> paths;
  for (const std::string& image : options.images) {
    const std::string path = fs::path(options.out) / (fs::path(image).stem().string() + ".png");
    const auto [other, fresh] = taken.emplace(path, image);
    if (!fresh)
      throw InputError(
          fmt::format("synth predict: {} and {} would both be drawn as {}; name them in two commands with "
                      "two folders",
                      other->second, image, path));
    std::error_code none;
    if (fs::equivalent(path, image, none))
      throw InputError(
          fmt::format("synth predict: --out {}: the drawing would replace the image {}; choose another folder",
                      options.out, image));
    paths.push_back(path);
  }
  paths.push_back(fs::path(options.out) / results_name);
  for (const std::string& path : paths)
    if (!options.overwrite && fs::exists(path))
      throw InputError(fmt::format("synth predict: {}: exists already; --overwrite replaces it", path));
  return paths;
}

void make_folder(const std::string& out) {
  std::error_code failure;
  fs::create_directories(out, failure);
  if (!fs::is_directory(out))
    throw EnvironmentError(
        fmt::format("--out {}: cannot be made: {}", out, failure ? failure.message() : "it is a file"));
}

// Looks at images of any size, each with a detector for that size.
class Predictor {
 public:
  explicit Predictor(const StoredDetector& stored) : stored_(stored) {}

  std::vector<Detection> operator()(const InstanceImage& image, int number) {
    constexpr int largest = 2048;  // longer sides are shrunk: memory grows with the area
    const int wanted = stored_.description().image_size;
    const int side = wanted > 0 ? wanted : std::min(largest, std::max(image.height, image.width));
    const InstanceImage seen = scaled(image, side);
    const int height = whole_cells(seen.height), width = whole_cells(seen.width);
    if (!detector_ || height != height_ || width != width_) {
      detector_.emplace(stored_.for_images(height, width));
      height_ = height;
      width_ = width;
    }
    const Batch batch = batch_of({&seen}, stored_.description().normalisation, height, width);
    return placed(detector_->detect(batch.images, batch.extents)[0], number,
                  {image.height, image.width, static_cast<double>(image.height) / seen.height,
                   static_cast<double>(image.width) / seen.width});
  }

 private:
  const StoredDetector& stored_;
  std::optional<Detector> detector_;
  int height_ = 0, width_ = 0;
};

// As in COCO's files of results, with the class and the file by name.
ordered_json result_json(const Detection& one, const DetectorDescription& d, const std::string& file) {
  const Box& box = one.box;
  return {{"image_id", one.image},
          {"category_id", d.category_ids[one.category]},
          {"bbox", {box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1}},
          {"score", one.score},
          {"segmentation", {{"size", {one.mask.height, one.mask.width}}, {"counts", compressed(one.mask)}}},
          {"category", d.class_names[one.category]},
          {"file_name", file}};
}

}  // namespace

int run_predict(const Command& self, const std::vector<std::string>& arguments) {
  PredictOptions options;
  CommandLine line(self);
  declare(line, options);
  if (!line.parse(arguments)) return Exit::done;
  options.images.insert(options.images.end(), options.more_images.begin(), options.more_images.end());
  if (options.images.empty()) throw InputError("synth predict needs at least one IMAGE; see 'synth predict --help'");
  if (!(options.score >= 0 && options.score <= 1))
    throw InputError(fmt::format("synth predict: --score: found {}, allowed is 0 to 1", options.score));
  if (!names_weights(options.network))
    throw InputError(
        fmt::format("synth predict: {}: is no file of weights; 'synth train NETWORK --task mask-rcnn --out "
                    "FILE.safetensors' writes one",
                    search_space::printable(options.network)));
  const StoredDetector stored = read_detector(options.network);
  const DetectorDescription& d = stored.description();
  const std::vector<std::string> paths = drawing_paths(options);
  make_folder(options.out);
  const Interrupt& interrupt = watch_for_interrupt(false);
  Console console(line.common());
  Predictor predict(stored);
  ordered_json results = ordered_json::array(), images = ordered_json::array();
  report::Table table({{"image", report::Align::left, true}, {"size"}, {"objects"}, {"drawn as", report::Align::left}});
  for (std::size_t i = 0; i < options.images.size() && !interrupt.stop; ++i) {
    const InstanceImage image = read_instance_image(options.images[i]);
    std::vector<Detection> found = predict(image, static_cast<int>(i) + 1);
    for (const Detection& one : found) results.push_back(result_json(one, d, image.name));
    std::erase_if(found, [&](const Detection& one) { return one.score < options.score; });
    write_file(paths[i], report::overlay_png(image, found, d.class_names), options.overwrite);
    ordered_json listed = ordered_json::array();
    for (const Detection& one : found) listed.push_back(result_json(one, d, image.name));
    images.push_back({{"id", i + 1},
                      {"file", options.images[i]},
                      {"height", image.height},
                      {"width", image.width},
                      {"drawing", paths[i]},
                      {"detections", std::move(listed)}});
    table.add({search_space::printable(options.images[i]), fmt::format("{}x{}", image.width, image.height),
               std::to_string(found.size()), search_space::printable(paths[i])});
  }
  using Handler = ordered_json::error_handler_t;
  write_file(paths.back(), results.dump(1, ' ', false, Handler::replace) + "\n", options.overwrite);
  if (line.common().json) {
    print_json({{"schema", "synth/predict/1"}, {"results", paths.back()}, {"images", images}});
  } else {
    std::fputs(table.text(output_width()).c_str(), stdout);
    std::puts(fmt::format("all {} detections from a score of 0.05 on: {}", results.size(), paths.back()).c_str());
  }
  if (!interrupt.stop) return Exit::done;
  console.note(fmt::format("interrupted after {} of {} images", images.size(), options.images.size()));
  return Exit::interrupted;
}

}  // namespace synth::cli
