// The one-line specification of a data set, as given to --data.
#include <charconv>

#include "evaluators/data/dataset.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::InputError;
using search_space::printable;

namespace {

constexpr int largest_size = 1024;
constexpr int largest_count = 100'000'000;

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : data_kinds()) names.push_back(kind.name);
  return names;
}

int parse_option(const std::string& text, const std::string& name, const std::string& value, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
    throw InputError("data '" + printable(text) + "': option '" + name + "' is '" + value +
                     "'; allowed: a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

void set_option(DataSpec& spec, const std::string& text, const std::string& name, const std::string& value) {
  if (name == "size") {
    spec.size = parse_option(text, name, value, 8, largest_size);
  } else if (name == "limit") {
    spec.limit = parse_option(text, name, value, 1, largest_count);
  } else if (name == "classes") {
    spec.classes = parse_option(text, name, value, 2, 65536);
  } else if (name == "flip") {
    spec.flip = parse_option(text, name, value, 0, 1) == 1;
  } else if (name == "shift") {
    spec.shift = parse_option(text, name, value, 0, largest_size);
  } else if (name == "skip_corrupt") {
    spec.skip_corrupt = parse_option(text, name, value, 0, 1) == 1;
  } else {
    throw InputError("data '" + printable(text) + "': unknown option '" + name + "'" +
                     search_space::suggestion(name, {"size", "limit", "classes", "flip", "shift", "skip_corrupt"}));
  }
}

// Cuts trailing ",name=value" options off `rest`; whatever precedes them, commas included, is the directory.
void take_options(DataSpec& spec, const std::string& text, std::string& rest) {
  std::vector<std::string> seen;
  for (auto comma = rest.rfind(','); comma != std::string::npos; comma = rest.rfind(',')) {
    const std::string option = rest.substr(comma + 1);
    const auto equals = option.find('=');
    if (equals == std::string::npos || option.find('/') < equals) break;
    const std::string name = option.substr(0, equals);
    for (const auto& other : seen)
      if (other == name) throw InputError("data '" + printable(text) + "': option '" + name + "' is given twice");
    set_option(spec, text, name, option.substr(equals + 1));
    seen.push_back(name);
    rest.resize(comma);
  }
}

}  // namespace

const std::vector<DataKind>& data_kinds() {
  static const std::vector<DataKind> kinds = {
      {"shapes", "procedural colour images of ten shapes, 32x32, embedded: shapes"},
      {"idx", "MNIST-format files, plain or gzip: idx:DIR"},
      {"cifar10", "CIFAR-10, binary version: cifar10:DIR"},
      {"imagefolder", "JPEG, PNG, WebP, BMP and GIF files in train/CLASS and val/CLASS: imagefolder:DIR"},
      {"shapes-detection", "objects: procedural images of five shapes, several on each, 96x96: shapes-detection"},
      {"instances", "objects: images/ with 16-bit maps in instances/, train.txt, val.txt: instances:DIR"},
      {"coco", "objects: images with COCO's annotations in JSON: coco:DIR"}};
  return kinds;
}

DataSpec parse_data_spec(const std::string& text) {
  DataSpec spec;
  std::string rest = text;
  take_options(spec, text, rest);
  const auto colon = rest.find(':');
  spec.kind = rest.substr(0, colon);
  if (colon != std::string::npos) spec.directory = rest.substr(colon + 1);

  bool known = false;
  for (const auto& kind : data_kinds()) known = known || kind.name == spec.kind;
  if (!known) {
    const std::string word = spec.kind.substr(0, spec.kind.find(','));
    if (word != spec.kind && word == "shapes")
      throw InputError("data '" + printable(text) + "': '" + spec.kind.substr(word.size() + 1) +
                       "' is not of the form option=value");
    throw InputError("data '" + printable(text) + "': unknown kind '" + word + "'" +
                     search_space::suggestion(word, kind_names()));
  }
  const bool embedded = spec.kind == "shapes" || spec.kind == "shapes-detection";
  if (embedded && colon != std::string::npos)
    throw InputError("data '" + printable(text) + "': '" + spec.kind + "' is embedded and takes no directory");
  if (spec.skip_corrupt && spec.kind != "imagefolder")
    throw InputError("data '" + printable(text) + "': option 'skip_corrupt' is for imagefolder alone");
  if (!embedded && spec.directory.empty())
    throw InputError("data '" + printable(text) + "': the directory is missing; write " + spec.kind + ":DIR");
  return spec;
}

std::string data_spec_text(const DataSpec& spec) {
  std::string text = spec.kind;
  if (!spec.directory.empty()) text += ":" + spec.directory;
  if (spec.size) text += ",size=" + std::to_string(spec.size);
  if (spec.limit) text += ",limit=" + std::to_string(spec.limit);
  if (spec.classes) text += ",classes=" + std::to_string(spec.classes);
  if (spec.flip) text += *spec.flip ? ",flip=1" : ",flip=0";
  if (spec.shift) text += ",shift=" + std::to_string(*spec.shift);
  if (spec.skip_corrupt) text += ",skip_corrupt=1";
  return text;
}

}  // namespace evaluators
