// The table of options and the three places it is read from.
#include "synth/cli/search_config.h"
#include "synth/cli/files.h"

#include <fmt/format.h>
#include <sched.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <variant>

#include "search_space/errors.h"
#include "search_space/json_reader.h"
#include "synth/cli/duration.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/training_options.h"

namespace synth::cli {

namespace po = boost::program_options;
using nlohmann::json;
using search_space::InputError;

namespace {

using Member = std::variant<std::string SearchOptions::*, int SearchOptions::*, std::int64_t SearchOptions::*,
                            double SearchOptions::*, bool SearchOptions::*>;

struct OptionSpec {
  const char* name;
  const char* value_name;  // for --help
  Member member;
  const char* meaning;
  double minimum = -HUGE_VAL, maximum = HUGE_VAL;  // of numbers
};

const std::vector<OptionSpec>& option_specs() {
  using O = SearchOptions;
  static const std::vector<OptionSpec> specs = {
      {"prototype", "NET", &O::prototype,
       "where the search starts: a built-in name with options, a .json file, or RUN#ID"},
      {"data", "DATA", &O::data, "shapes | idx:DIR | cifar10:DIR | imagefolder:DIR, with ,size=N ,limit=N ,classes=N"},
      {"require", "LIST", &O::require, "hard requirements, e.g. 'accuracy>=90%,params<=100k'"},
      {"db", "RUN", &O::db, "run to create: a file, or postgresql://USER@HOST/DATABASE?run=NAME"},
      {"algorithm", "NAME", &O::algorithm, "see 'synth list algorithms'"},
      {"seed", "N", &O::seed, "everything random follows from it", 0},
      {"seeds", "N", &O::seeds, "networks that each generator must generate", 1, 1000},
      {"generators", "K", &O::generators, "end when generator K is accepted; 0 = no limit", 0},
      {"evaluations", "N", &O::evaluations, "end after N distinct networks; 0 = no limit", 0},
      {"time", "T", &O::time, "end after this wall time (30m, 2h), over all sessions; 10m if no other limit is given"},
      {"at-once", "N", &O::at_once, "networks evaluated together; what a proposal leaves free goes to others", 1, 64},
      {"jobs", "N", &O::jobs, "candidates trained side by side; never changes results; 0 = one per core", 0, 1024},
      {"device", "NAME", &O::device, "cpu | cuda | cuda:N"},
      {"alpha", "X", &O::alpha, "NetScore's weight of accuracy", 0, 100},
      {"beta", "X", &O::beta, "NetScore's weight of parameters", 0, 100},
      {"gamma", "X", &O::gamma, "NetScore's weight of multiply-adds", 0, 100},
      {"confidence", "P", &O::confidence, "one-sided level at which an accuracy must hold", 0.5, 0.9999},
      {"epochs", "N", &O::epochs, "training from scratch, passes over the data; 0 = 3, more for small data sets", 0,
       100000},
      {"tune-epochs", "N", &O::tune_epochs, "training after inheriting weights; 0 = a third of --epochs", 0, 100000},
      {"batch-size", "N", &O::batch_size, "images per step", 1, 65536},
      {"learning-rate", "X", &O::learning_rate, "peak, from scratch", 1e-8, 100},
      {"tune-learning-rate", "X", &O::tune_learning_rate, "peak, after inheriting", 1e-8, 100},
      {"candidate-time", "T", &O::candidate_time, "give one candidate up after this time"},
      {"judge", "full|measured", &O::judge,
       "train a network that misses 'accuracy>=X' on, up to full training, while there is hope; or judge it as "
       "measured"},
      {"evaluator", "trained|command:PROGRAM ...|ask", &O::evaluator,
       "who judges candidates: the built-in trainer, a program of your own, started for each (command:) or kept "
       "(command-server:), or your own loop by 'synth ask' and 'synth tell'"},
      {"no-bf16", "", &O::no_bf16, "train in 32-bit floats throughout"},
      {"no-fit", "", &O::no_fit, "ablation: fresh modules are not fitted to what they replace"},
      {"no-kinds", "", &O::no_kinds, "ablation: no network of each kind of module at the start"},
      {"no-inheritance", "", &O::no_inheritance, "ablation: train every candidate from scratch"},
      {"no-evidence", "", &O::no_evidence, "ablation: do not probe networks"},
      {"no-trust-region", "", &O::no_trust_region, "ablation: no trust region"},
      {"no-model", "", &O::no_model, "ablation: no learned model of accuracy"},
  };
  return specs;
}

std::string json_key(std::string name) {
  for (char& letter : name) {
    if (letter == '-') letter = '_';
  }
  return name;
}

template <typename T>
void declare_one(CommandLine& line, const OptionSpec& spec, T SearchOptions::*member) {
  const T fallback = SearchOptions{}.*member;
  if constexpr (std::is_same_v<T, bool>) {
    line.add_options()(spec.name, po::bool_switch(), spec.meaning);
  } else {
    auto* value = po::value<T>()->value_name(spec.value_name);
    if constexpr (std::is_same_v<T, std::string>) {
      if (!fallback.empty()) value->default_value(fallback);
    } else {
      value->default_value(fallback, fmt::format("{}", fallback));
    }
    line.add_options()(spec.name, value, spec.meaning);
  }
}

std::string allowed_numbers(const OptionSpec& spec, bool whole) {
  const char* kind = whole ? "whole numbers" : "numbers";
  return std::isinf(spec.maximum) ? fmt::format("{} of at least {}", kind, spec.minimum)
                                  : fmt::format("{} from {} to {}", kind, spec.minimum, spec.maximum);
}

// How a place names an option: on the command line, or in a configuration.
struct Place {
  std::string source;  // "FILE: ", empty for the command line
  std::string operator()(const std::string& name) const {
    return source.empty() ? "--" + name : source + json_key(name);
  }
};

template <typename T>
void take_json(SearchOptions& options, const OptionSpec& spec, T SearchOptions::*member, const json& value,
               const std::string& place) {
  const auto fail = [&](const std::string& allowed) {
    return InputError(fmt::format("{}: found {}, allowed: {}", place, value.dump(), allowed));
  };
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) throw fail("true or false");
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) throw fail("a text");
  } else if constexpr (std::is_integral_v<T>) {
    // Larger numbers would wrap around when they are narrowed.
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
                          : value.is_number_integer() && value.get<std::int64_t>() >= std::numeric_limits<T>::min();
    if (!fits) throw fail(allowed_numbers(spec, true));
  } else {
    if (!value.is_number()) throw fail(allowed_numbers(spec, false));
  }
  options.*member = value.get<T>();
}

void check_range(const SearchOptions& options, const OptionSpec& spec, const Place& place) {
  std::visit(
      [&](auto member) {
        using T = std::remove_cvref_t<decltype(options.*member)>;
        if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
          const T value = options.*member;
          const double number = static_cast<double>(value);
          if (std::isfinite(number) && number >= spec.minimum && number <= spec.maximum) return;
          throw InputError(fmt::format("{}: found {}, allowed: {}", place(spec.name), value,
                                       allowed_numbers(spec, std::is_integral_v<T>)));
        }
      },
      spec.member);
}

void validate(const SearchOptions& options, const Place& place) {
  for (const OptionSpec& spec : option_specs()) check_range(options, spec, place);
  if (!options.time.empty()) parse_duration(options.time, place("time"));
  if (!options.candidate_time.empty()) parse_duration(options.candidate_time, place("candidate-time"));
  std::vector<std::string> names;
  for (const auto& algorithm : engine::algorithms()) names.push_back(algorithm.name);
  if (std::find(names.begin(), names.end(), options.algorithm) == names.end()) {
    throw InputError(fmt::format("{}: unknown algorithm '{}'{}", place("algorithm"), options.algorithm,
                                 search_space::suggestion(options.algorithm, names)));
  }
  if (options.judge != "full" && options.judge != "measured")
    throw InputError(fmt::format("{}: found '{}', allowed are full, measured", place("judge"), options.judge));
  if (parse_evaluator(options.evaluator, place("evaluator")).asked && !options.time.empty()) {
    throw InputError(fmt::format("{}: how long your own evaluations take is not known here; limit the run by {} or {}",
                                 place("time"), place("evaluations"), place("generators")));
  }
  const std::string& device = options.device;
  const bool numbered = device.rfind("cuda:", 0) == 0 && device.size() > 5 &&
                        device.find_first_not_of("0123456789", 5) == std::string::npos;
  if (device != "cpu" && device != "cuda" && !numbered) {
    throw InputError(fmt::format("{}: found '{}', allowed are cpu, cuda, cuda:N", place("device"), device));
  }
  try {
    engine::parse_requirements(options.require);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", place("require"), error.what()));
  }
}

void apply_json(SearchOptions& options, const json& document, const std::string& source) {
  if (!document.is_object()) throw InputError(source + ": a JSON object with options as keys is expected");
  std::vector<std::string> known;
  for (const OptionSpec& spec : option_specs()) known.push_back(json_key(spec.name));
  std::set<std::string> taken;  // a key may be written with '-' or '_'
  for (const auto& [key, value] : document.items()) {
    if (key == "schema") continue;
    const auto found = std::find(known.begin(), known.end(), json_key(key));
    if (found == known.end()) {
      throw InputError(
          fmt::format("{}: unknown key '{}'{}", source, key, search_space::suggestion(json_key(key), known)));
    }
    if (!taken.insert(*found).second) throw InputError(fmt::format("{}: key '{}' appears twice", source, *found));
    const OptionSpec& spec = option_specs()[found - known.begin()];
    const std::string place = fmt::format("{}: {}", source, key);
    std::visit([&](auto member) { take_json(options, spec, member, value, place); }, spec.member);
  }
}

int available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? std::max(1, CPU_COUNT(&cores)) : 1;
}

}  // namespace

void declare_search_options(CommandLine& line) {
  for (const OptionSpec& spec : option_specs()) {
    std::visit([&](auto member) { declare_one(line, spec, member); }, spec.member);
  }
  line.add_options()("config", po::value<std::string>()->value_name("FILE.json"),
                     "options as JSON keys, comments allowed; the command line wins ('synth init' writes one)");
}

SearchOptions gather_search_options(const CommandLine& line) {
  SearchOptions options;
  if (line.given("config")) {
    const std::string path = line.values()["config"].as<std::string>();
    apply_json(options, search_space::parse_json(read_file(path, "--config "), path, search_space::Comments::allowed),
               path);
    validate(options, {path + ": "});
    // A file from elsewhere starts no program.
    if (!parse_evaluator(options.evaluator, "evaluator").words.empty())
      throw InputError(path + ": evaluator: a program of your own is named on the command line only, by --evaluator");
  }
  for (const OptionSpec& spec : option_specs()) {
    if (!line.given(spec.name)) continue;
    std::visit(
        [&](auto member) {
          using T = std::remove_cvref_t<decltype(options.*member)>;
          options.*member = line.values()[spec.name].as<T>();
        },
        spec.member);
  }
  const bool limited = !options.time.empty() || options.generators > 0 || options.evaluations > 0;
  if (!limited && options.evaluator != "ask") options.time = "10m";
  validate(options, {});
  return options;
}

void fill_in_epochs(SearchOptions& options, int training_images) {
  // Below this many steps a prototype is far from what it can reach.
  constexpr double fewest_steps = 400;
  if (options.epochs == 0) {
    const int images = std::max(1, training_images), batch = std::min(options.batch_size, images);
    options.epochs = std::max(3.0, std::ceil(fewest_steps * batch / images));
  }
  if (options.tune_epochs == 0) options.tune_epochs = options.epochs / 3;
}

nlohmann::ordered_json search_options_to_json(const SearchOptions& options) {
  nlohmann::ordered_json document;
  for (const OptionSpec& spec : option_specs()) {
    std::visit([&](auto member) { document[json_key(spec.name)] = options.*member; }, spec.member);
  }
  return document;
}

SearchOptions search_options_from_json(const json& document, const std::string& source) {
  SearchOptions options;
  apply_json(options, document, source);
  validate(options, {source + ": "});
  return options;
}

engine::Config engine_config(const SearchOptions& options) {
  engine::Config config;
  config.algorithm = options.algorithm;
  config.seed = static_cast<std::uint64_t>(options.seed);
  config.seeds = options.seeds;
  config.generators = options.generators;
  config.evaluations = options.evaluations;
  config.seconds = options.time.empty() ? 0 : parse_duration(options.time, "time");
  config.at_once = options.at_once;
  config.jobs = options.jobs > 0 ? options.jobs : available_cores();
  config.judge_in_full = options.judge == "full";
  config.explore_kinds = !options.no_kinds;
  // A trainer of the user's own says what its own training is worth, and keeps its weights.
  const bool own = parse_evaluator(options.evaluator, "evaluator").own;
  config.judge_in_full = config.judge_in_full && !own;
  config.inheritance = !options.no_inheritance && !own;
  config.evidence = !options.no_evidence;
  config.trust_region = !options.no_trust_region;
  config.model = !options.no_model;
  return config;
}

engine::Objective make_objective(const SearchOptions& options) {
  return engine::Objective(engine::NetScore{options.alpha, options.beta, options.gamma},
                           engine::parse_requirements(options.require), options.confidence);
}

evaluators::TrainedEvaluatorSettings evaluator_settings(const SearchOptions& options) {
  const engine::Requirements requirements = engine::parse_requirements(options.require);
  evaluators::TrainedEvaluatorSettings settings;
  settings.epochs = options.epochs;
  settings.tune_epochs = options.tune_epochs;
  settings.fit_epochs = options.no_fit ? 0 : fitting * options.tune_epochs;
  settings.full_epochs = options.judge == "full" ? full_training * options.epochs : 0;
  settings.batch_size = options.batch_size;
  settings.learning_rate = options.learning_rate;
  settings.tune_learning_rate = options.tune_learning_rate;
  settings.weight_bits = requirements.weight_bits;
  settings.activation_bits = requirements.activation_bits;
  settings.bf16 = !options.no_bf16;
  settings.probe = !options.no_evidence;
  settings.measure_latency = requirements.latency_ms.has_value();
  settings.time_limit_seconds =
      options.candidate_time.empty() ? 0 : parse_duration(options.candidate_time, "candidate-time");
  settings.device = options.device;
  return settings;
}

}  // namespace synth::cli
