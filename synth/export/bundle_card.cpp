// The model card: Markdown that a person reads who has nothing but the archive.
#include <fmt/format.h>

#include <algorithm>

#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/export/bundle.h"

namespace synth::bundle {
namespace {

// Text from outside in a line of Markdown: no line breaks, tables or markup.
std::string plain(const std::string& text) {
  std::string result;
  for (const char c : search_space::printable(text)) {
    if (c == '|' || c == '<' || c == '>' || c == '`' || c == '*' || c == '[' || c == ']' || c == '#') result += '\\';
    result += c;
  }
  return result;
}

std::string about(const ExportInput& input) {
  const auto& shape = input.architecture.input;
  const auto cost = search_space::cost_of(search_space::lower(input.architecture));
  std::string text = fmt::format(
      "| | |\n| --- | --- |\n| input | {} x {} pixels, {} channel{} |\n| classes | {} |\n| parameters | {} |\n"
      "| multiply-adds | {} |\n| weights of 8 bits | {} bytes |\n",
      shape.width, shape.height, shape.channels, shape.channels == 1 ? "" : "s", input.architecture.classes,
      cost.parameters(), cost.multiply_adds, cost.weight_bytes(8));
  for (const auto& [fact, value] : input.facts) {
    if (fact == "parameters" || fact == "multiply-adds" || value.empty()) continue;
    text += fmt::format("| {} | {} |\n", plain(fact), plain(value));
  }
  return text;
}

std::string accuracy_note(const ExportInput& input) {
  if (input.facts.contains("test accuracy"))
    return "*Test accuracy* is top-1 on images that neither the search nor the training saw, measured once.\n";
  if (input.facts.contains("validation accuracy"))
    return "*Validation accuracy* is top-1 on images that the search chose by, after its short training; it is no "
           "test.\n";
  return "How often it is right was not recorded with it; `synth evaluate` measures that.\n";
}

std::string files_table(const std::string& name, const std::vector<const Part*>& written,
                        const std::map<std::string, std::string>& left_out, bool lineage) {
  std::string text = "| file | for |\n| --- | --- |\n";
  for (const Part* part : written) text += fmt::format("| `{}{}` | {} |\n", name, part->suffix, part->reader);
  text += fmt::format(
      "| `{0}.safetensors` | float weights, batch norm not folded |\n"
      "| `{0}-int8.safetensors` | integer weights, biases and ranges |\n"
      "| `golden/` | test images and the scores that the integer network gives them |\n",
      name);
  if (lineage) text += "| `lineage.json` | the networks that it descends from, and what changed at each step |\n";
  text +=
      "| `manifest.json` | every file with its size and hash (XXH3, 128 bits), and the processor it was made on |\n";
  for (const auto& [format, reason] : left_out) text += fmt::format("\nWithout {}: {}\n", format, plain(reason));
  return text;
}

}  // namespace

std::string model_card(const ExportInput& input, const std::string& name, const std::vector<const Part*>& written,
                       const std::map<std::string, std::string>& left_out) {
  return fmt::format(
      R"(# {0}

A network that classifies images, made by [generative synthesis](https://arxiv.org/abs/1809.05989).

{1}
{2}
## Use

An image is normalised by channel: (byte / 255 - *input mean*) / *input deviation*. The largest of the scores is the
class. The integer files (`.c`, `.tflite`) read int8 values: round(normalised / scale) + zero point, as they state.

{3}
## Limits

- It knows the classes and the kind of images of its data, and nothing else: every image gets one of the classes, also
  one that shows none of them.
- The figures above hold for images like those of the data set. They say nothing about groups of people or
  circumstances that it does not hold; measure those before you rely on them.

## Recheck

    synth verify FILE.zip

compares every file with the manifest, the weights with the architecture, the integer network with the golden scores bit
for bit, and runs each model in the program that is meant for it, where that is installed.

## Licence

The C kernels are under the Apache License 2.0 (`LICENSE`). Weights and golden images come from the data set: its terms
are for whoever trained the network to observe and to state.
)",
      plain(input.name), about(input), accuracy_note(input),
      files_table(name, written, left_out, input.lineage.has_value()));
}

}  // namespace synth::bundle
