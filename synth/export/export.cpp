// The list of formats, and what they have in common.
#include "synth/export/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "search_space/errors.h"
#include "synth/export/file_output.h"
#include "synth/export/formats.h"

namespace synth {

using search_space::InputError;

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats = {
      architecture_format(), weights_format(),   dot_format(),    svg_format(),          c_format(),
      onnx_format(),         onnx_int8_format(), tflite_format(), tflite_float_format(), pytorch_format(),
      torchscript_format(),  bundle_format(),
  };
  return formats;
}

const ExportFormat& find_export_format(const std::string& name) {
  std::vector<std::string> known;
  for (const ExportFormat& format : export_formats()) {
    if (format.name == name) return format;
    known.push_back(format.name);
  }
  throw InputError(fmt::format("--format: unknown format '{}'{}", name, search_space::suggestion(name, known)));
}

std::vector<ExportFile> export_files(const ExportInput& input, const ExportFormat& format, const std::string& path) {
  const bool trained = input.weights && !input.weights->empty();
  if (format.needs == Needs::weights ? !trained : format.needs == Needs::integers && !input.integers)
    throw InputError(
        fmt::format("export of '{}': --format {} needs a trained network, and this one has no weights: train "
                    "it with 'synth train', or name a network whose weights the run has kept",
                    input.name, format.name));
  return format.write(input, path);
}

void export_network(const ExportInput& input, const ExportFormat& format, const std::string& path, bool overwrite) {
  write_files(export_files(input, format, path), overwrite);
}

Verification compare_bytes(const ExportInput& input, const ExportFormat& format, const std::string& path) {
  for (const ExportFile& file : export_files(input, format, path)) {
    std::ifstream stream(file.path, std::ios::binary);
    if (!stream) return {false, file.path + ": cannot be read"};
    if (std::string{std::istreambuf_iterator<char>(stream), {}} != file.bytes)
      return {false, file.path + ": the file's bytes differ from the network's"};
  }
  return {true, "read back, byte for byte"};
}

namespace {

// The same images that fewer are chosen from the data.
GoldenVectors fewer(const GoldenVectors& from, int count) {
  GoldenVectors golden;
  const std::size_t size = from.images.size(), chosen = std::min<std::size_t>(count, size);
  for (std::size_t i = 0; i < chosen; ++i) {
    golden.images.push_back(from.images[i * size / chosen]);
    golden.logits.push_back(from.logits[i * size / chosen]);
  }
  return golden;
}

}  // namespace

GoldenVectors golden_vectors(const ExportInput& input, int count) {
  if (input.golden) return fewer(*input.golden, count);
  GoldenVectors golden;
  const evaluators::ImageSet& test = input.data->test;
  count = std::min(count, test.size());
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<int>(static_cast<std::int64_t>(i) * test.size() / count);
    golden.images.push_back(evaluators::quantised_image(*input.integers, *input.data, test, index));
    golden.logits.push_back(input.integers->run(golden.images.back()));
  }
  return golden;
}

}  // namespace synth
