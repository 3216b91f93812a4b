// Rules of thumb, with exact costs where they compare.
#include "synth/cli/advice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "prototypes/library.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

constexpr int large_side = 160;            // from here on a CPU spends hours on a candidate
constexpr int usual_side = 64;             //
constexpr int few_images = 20;             // of a class
constexpr double long_training = 15 * 60;  // seconds, of the prototype

// One core trains small networks at about this rate (docs/results.md), forward and backward in one.
constexpr double multiply_adds_per_second = 5e9;

std::int64_t multiply_adds(const search_space::Prototype& prototype) {
  return search_space::cost_of(search_space::lower(prototype.design)).multiply_adds;
}

// How many times fewer multiply-adds the adapted prototype has; nothing where it cannot be adapted so.
std::optional<double> saving(const search_space::Prototype& prototype, const prototypes::Adaptation& adaptation) {
  try {
    return double(multiply_adds(prototype)) / double(multiply_adds(prototypes::adapt(prototype, adaptation)));
  } catch (const search_space::InputError&) {
    return std::nullopt;
  }
}

std::string on_large_images(const AdviceSubject& subject) {
  const auto& input = subject.prototype.design.input;
  const int side = std::min(input.height, input.width);
  if (!subject.cpu || side < large_side) return {};
  prototypes::Adaptation smaller;
  smaller.height = smaller.width = usual_side;
  const auto times = saving(subject.prototype, smaller);
  return fmt::format("images of {} pixels are slow to train on a CPU: ',size={}' in --data{}, or use --device cuda",
                     side, usual_side, times ? fmt::format(" takes {:.1f} times fewer multiply-adds", *times) : "");
}

// The last slot of a prototype that shrinks the images to a single pixel sees nothing of their layout.
std::string on_depth(const search_space::Prototype& prototype) {
  const search_space::Graph graph = search_space::lower(prototype.design);
  if (prototype.design.slots.empty()) return {};
  const auto& last = graph.nodes[graph.slot_output(static_cast<int>(prototype.design.slots.size()) - 1)].output;
  if (last.height * last.width > 1) return {};
  return fmt::format(
      "{} is too large for the images: of {}x{} pixels its last stage sees 1x1; add ',stem=small' to --prototype, "
      "',size={}' to --data, or start from a smaller one ('synth list prototypes')",
      prototype.name, prototype.design.input.height, prototype.design.input.width,
      2 * std::max(prototype.design.input.height, prototype.design.input.width));
}

std::string on_time(const AdviceSubject& subject) {
  const double seconds =
      double(multiply_adds(subject.prototype)) * subject.training_images * subject.epochs / multiply_adds_per_second;
  if (!subject.cpu || seconds < long_training) return {};
  prototypes::Adaptation narrower;
  narrower.width_factor = 0.5;
  const auto times = saving(subject.prototype, narrower);
  if (!times) return {};
  return fmt::format(
      "training the prototype alone takes in the order of {}: ',width=0.5' in --prototype takes {:.1f} times fewer "
      "multiply-adds, ',limit=N' in --data fewer images, --epochs N fewer passes than {:g}",
      report::format_seconds(seconds), *times, subject.epochs);
}

std::string on_few_images(const AdviceSubject& subject) {
  if (subject.fewest_per_class >= few_images) return {};
  return fmt::format(
      "class '{}' has only {} training images: accuracies will be uncertain; add images, vary them with "
      "',flip=1,shift=4' in --data, and leave room in --require, as in accuracy>=prototype-5%",
      search_space::printable(subject.fewest_class), subject.fewest_per_class);
}

}  // namespace

std::vector<std::string> advice(const AdviceSubject& subject) {
  std::vector<std::string> sentences = {on_large_images(subject), on_depth(subject.prototype), on_time(subject),
                                        on_few_images(subject)};
  std::erase(sentences, "");
  return sentences;
}

std::string why_unfit(const search_space::Prototype& prototype, int height, int width) {
  const int least = std::min(height, width), most = std::max(height, width);
  if (least >= prototype.minimum_size && most <= prototype.maximum_size) return {};
  std::vector<std::string> fitting;
  for (const prototypes::Entry& entry : prototypes::builtins()) {
    if (entry.role != prototypes::Role::prototype) continue;
    const auto other = prototypes::load(entry.name);
    if (least >= other.minimum_size && most <= other.maximum_size) fitting.push_back(entry.name);
  }
  return fmt::format(
      "{}: images of {} x {}; it is meant for sides of {} to {} pixels: resize them with ',size={}' in "
      "--data{}",
      prototype.name, height, width, prototype.minimum_size, prototype.maximum_size,
      least < prototype.minimum_size ? prototype.minimum_size : prototype.maximum_size,
      fitting.empty() ? "" : fmt::format(", or use --prototype {}", fmt::join(fitting, ", ")));
}

}  // namespace synth::cli
