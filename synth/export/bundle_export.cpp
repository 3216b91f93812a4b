// The format `bundle`: what the other formats write, golden vectors, lineage, model card and a manifest, in one zip.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluators/integer_file.h"
#include "evaluators/network.h"
#include "evaluators/processor.h"
#include "prototypes/embedded.h"
#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/export/archive.h"
#include "synth/export/bundle.h"
#include "synth/export/formats.h"
#include "synth/export/verification.h"

namespace synth {

namespace licence {
const std::vector<prototypes::EmbeddedFile>& embedded_files();
}

namespace bundle {

const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {"architecture", ".json", "every command of synth"},
      {"c", ".c", "C99 compilers; microcontrollers"},
      {"tflite", ".tflite", "LiteRT, TensorFlow Lite Micro, STM32Cube.AI"},
      {"tflite-float", "-float.tflite", "LiteRT"},
      {"onnx", ".onnx", "ONNX Runtime"},
      {"onnx-int8", "-int8.onnx", "ONNX Runtime"},
      {"pytorch", ".py", "PyTorch; the weights lie beside it as safetensors"},
  };
  return all;
}

namespace {

using nlohmann::ordered_json;

// Names that every system and archive agrees on.
std::string plain_name(const std::string& stem) {
  std::string name;
  for (const unsigned char c : stem)
    name += c < 128 && (std::isalnum(c) || c == '-' || c == '_') ? static_cast<char>(c) : '_';
  return name.empty() ? "network" : name;
}

std::string joined(const std::vector<std::vector<std::int8_t>>& vectors) {
  std::string bytes;
  for (const auto& vector : vectors) bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size());
  return bytes;
}

void add_golden(const ExportInput& input, std::vector<ExportFile>& files) {
  const auto& shape = input.architecture.input;
  const auto& in = input.integers->nodes.front();
  const auto& out = input.integers->nodes[input.integers->logits()];
  const ordered_json json = {{"count", input.golden->images.size()},
                             {"images",
                              {{"file", "images.int8"},
                               {"shape", {shape.height, shape.width, shape.channels}},
                               {"scale", in.scale},
                               {"zero_point", in.zero_point}}},
                             {"logits",
                              {{"file", "logits.int8"},
                               {"shape", {input.architecture.classes}},
                               {"scale", out.scale},
                               {"zero_point", out.zero_point}}}};
  files.push_back({"golden/golden.json", json.dump(2) + "\n"});
  files.push_back({"golden/images.int8", joined(input.golden->images)});
  files.push_back({"golden/logits.int8", joined(input.golden->logits)});
}

std::string manifest(const ExportInput& input, const std::string& name, const std::vector<const Part*>& written,
                     const std::map<std::string, std::string>& left_out, const std::vector<ExportFile>& files) {
  const auto& processor = evaluators::processor();
  const auto generator = input.facts.find("generator");
  ordered_json json = {{"schema", schema},
                       {"name", name},
                       {"network", search_space::printable(input.name)},
                       {"key", input.architecture.key()},
                       {"generator", generator == input.facts.end() ? "" : generator->second},
                       {"facts", input.facts},
                       {"processor", {{"model", processor.model}, {"instruction_sets", processor.instruction_sets}}},
                       {"exports", ordered_json::array()},
                       {"left_out", left_out},
                       {"files", ordered_json::array()}};
  for (const Part* part : written) json["exports"].push_back({{"format", part->format}, {"file", name + part->suffix}});
  for (const ExportFile& file : files)
    json["files"].push_back(
        {{"path", file.path}, {"bytes", file.bytes.size()}, {"xxh3_128", search_space::content_hash(file.bytes)}});
  return json.dump(2, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace) + "\n";
}

std::vector<ExportFile> write(const ExportInput& input, const std::string& path) {
  trained_network(input);  // refuses weights that do not fit, before any format is blamed
  ExportInput own = input;
  own.golden = golden_vectors(input, golden_images);
  const std::string name = plain_name(std::filesystem::path(path).stem().string());
  std::vector<const Part*> written;
  std::map<std::string, std::string> left_out;
  std::vector<ExportFile> files;
  for (const Part& part : parts()) {
    try {
      for (ExportFile& file : export_files(own, find_export_format(part.format), name + part.suffix))
        files.push_back(std::move(file));
      written.push_back(&part);
    } catch (const search_space::InputError& error) {  // an operator that the format lacks
      left_out[part.format] = error.what();
    }
  }
  if (left_out.contains("pytorch")) files.push_back({name + ".safetensors", *own.weights});
  files.push_back({name + "-int8.safetensors", evaluators::to_safetensors(*own.integers)});
  add_golden(own, files);
  if (own.lineage) files.push_back({"lineage.json", *own.lineage});
  files.push_back({"LICENSE", std::string(licence::embedded_files().front().text)});
  files.push_back({"README.md", model_card(own, name, written, left_out)});
  files.insert(files.begin(), {manifest_file, manifest(own, name, written, left_out, files)});
  for (ExportFile& file : files) file.path = name + "/" + file.path;
  return {{path, zip_archive(files)}};
}

Verification verify(const ExportInput& input, const std::string& path) {
  const auto generator = input.facts.find("generator");
  const BundleReport report =
      verify_bundle(path, {generator == input.facts.end() ? "" : generator->second, /*run_code=*/false});
  Verification result{report.passed() && report.key == input.architecture.key(), {}};
  if (report.key != input.architecture.key()) result.statement = "the bundle holds another network";
  for (const BundleCheck& check : report.checks) {
    static constexpr const char* words[] = {"", "failed: ", "not tried: "};
    result.statement += fmt::format("{}{}: {}{}", result.statement.empty() ? "" : "\n  ", check.part,
                                    words[static_cast<int>(check.outcome)], check.statement);
  }
  return result;
}

}  // namespace
}  // namespace bundle

bool BundleReport::passed() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const BundleCheck& check) { return check.outcome == CheckOutcome::failed; });
}

ExportFormat bundle_format() {
  return {"bundle",
          "zip",
          "all of this in one archive, with golden vectors, lineage and a model card; 'synth verify' rechecks it",
          Needs::integers,
          bundle::write,
          bundle::verify,
          /*verifies_on_images=*/true,
          /*tells_lineage=*/true};
}

}  // namespace synth
