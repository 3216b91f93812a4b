// Options and helpers of training one network.
#include "synth/cli/training_options.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include "prototypes/library.h"
#include "search_space/errors.h"
#include "synth/cli/console.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/search_run.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace po = boost::program_options;
using search_space::InputError;

void declare_data_options(CommandLine& line, TrainingOptions& options) {
  line.add_options()  //
      ("data", po::value(&options.data)->default_value(options.data)->value_name("DATA"),
       "shapes | idx:DIR | cifar10:DIR | imagefolder:DIR, with ,size=N ,limit=N ,classes=N")                     //
      ("seed", po::value(&options.seed)->default_value(options.seed)->value_name("N"), "of split and training")  //
      ("device", po::value(&options.settings.device)->default_value("cpu")->value_name("NAME"), "cpu | cuda | cuda:N");
}

void declare_training_options(CommandLine& line, TrainingOptions& options) {
  declare_data_options(line, options);
  auto& settings = options.settings;
  line.add_options()  //
      ("epochs",
       po::value(&settings.epochs)->default_value(settings.epochs, fmt::format("{}", settings.epochs))->value_name("N"),
       "passes over the training images")  //
      ("batch-size", po::value(&settings.batch_size)->default_value(settings.batch_size)->value_name("N"),
       "images per step")  //
      ("learning-rate",
       po::value(&settings.learning_rate)
           ->default_value(settings.learning_rate, fmt::format("{}", settings.learning_rate))
           ->value_name("X"),
       "peak")  //
      ("no-bf16", po::bool_switch(&options.no_bf16), "train in 32-bit floats throughout");
}

void check_training_options(TrainingOptions& options) {
  auto& settings = options.settings;
  const auto require = [](bool holds, const char* option, auto found, const char* allowed) {
    if (!holds) throw InputError(fmt::format("--{}: found {}, allowed is {}", option, found, allowed));
  };
  require(std::isfinite(settings.epochs) && settings.epochs > 0, "epochs", settings.epochs, "a number above 0");
  require(settings.batch_size >= 1 && settings.batch_size <= 65536, "batch-size", settings.batch_size, "1 to 65536");
  require(std::isfinite(settings.learning_rate) && settings.learning_rate > 0, "learning-rate", settings.learning_rate,
          "a number above 0");
  require(options.seed >= 0, "seed", options.seed, "0 or more");
  settings.bf16 = !options.no_bf16;
}

search_space::Architecture fit_to_data(const search_space::Architecture& architecture, const std::string& network_text,
                                       const evaluators::DataSet& data) {
  const bool from_run = names_run(network_text);
  if (!from_run && !prototypes::names_file(network_text)) {
    return load_prototype_for(network_text, data, network_text).design;
  }
  const search_space::Shape found{data.train.channels, data.train.height, data.train.width};
  const search_space::Shape& wanted = architecture.input;
  if (found == wanted && architecture.classes == data.classes()) return architecture;
  throw InputError(fmt::format("{}: made for images of {}x{}x{} and {} classes, but the data have {}x{}x{} and {}{}",
                               network_text, wanted.channels, wanted.height, wanted.width, architecture.classes,
                               found.channels, found.height, found.width, data.classes(),
                               from_run ? ""
                                        : fmt::format("; try {},size={},channels={},classes={}", network_text,
                                                      found.height, found.channels, data.classes())));
}

std::function<void(const evaluators::Progress&)> progress_printer(const std::string& what, bool quiet) {
  if (quiet) return {};
  using Clock = std::chrono::steady_clock;
  const bool live = is_terminal(stderr);
  const auto interval = live ? std::chrono::milliseconds(200) : std::chrono::milliseconds(5000);
  auto last = std::make_shared<Clock::time_point>(Clock::now() - interval);
  return [=](const evaluators::Progress& progress) {
    if (Clock::now() - *last < interval) return;
    *last = Clock::now();
    const std::string line = fmt::format("{}: epoch {:.1f} of {:.1f}, accuracy so far {}", what, progress.epoch,
                                         progress.epochs, report::format_percent(progress.accuracy));
    std::fprintf(stderr, live ? "\r\033[K%s" : "%s\n", line.c_str());
    std::fflush(stderr);
  };
}

}  // namespace synth::cli
