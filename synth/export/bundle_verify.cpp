// A bundle rechecked from its own content.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "evaluators/float_conversion.h"
#include "evaluators/integer_file.h"
#include "evaluators/network.h"
#include "search_space/architecture_json.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/random.h"
#include "synth/export/archive.h"
#include "synth/export/bundle.h"
#include "synth/export/tools.h"

namespace synth {
namespace {

using nlohmann::json;
using search_space::InputError;
using search_space::printable;

class Bundle {
 public:
  explicit Bundle(std::string path) : path_(std::move(path)) {
    for (ExportFile& file : read_zip_archive(path_)) {
      const auto slash = file.path.find('/');
      const std::string folder = slash == std::string::npos ? "" : file.path.substr(0, slash);
      if (folder.empty() || (!folder_.empty() && folder != folder_))
        fail(fmt::format("'{}' does not lie in the one folder of a bundle", printable(file.path)));
      folder_ = folder;
      files_[file.path.substr(slash + 1)] = std::move(file.bytes);
    }
    manifest_ = parsed(bundle::manifest_file);
    if (text("schema") != bundle::schema)
      fail(fmt::format("manifest.json: schema: found '{}', allowed is '{}'", text("schema"), bundle::schema));
  }

  [[noreturn]] void fail(const std::string& problem) const { throw InputError(path_ + ": " + problem); }

  const std::string& file(const std::string& name) const {
    const auto found = files_.find(name);
    if (found == files_.end()) fail(fmt::format("holds no file '{}'", printable(name)));
    return found->second;
  }
  json parsed(const std::string& name) const {
    try {
      return json::parse(file(name));
    } catch (const json::exception& error) {
      fail(fmt::format("{}: is not valid JSON: {}", name, error.what()));
    }
  }
  std::string text(const char* key) const {
    const json found = manifest_.is_object() ? manifest_.value(key, json()) : json();
    if (!found.is_string()) fail(fmt::format("manifest.json: {}: missing, or no text", key));
    return found.get<std::string>();
  }
  const json& list(const char* key) const {
    const auto found = manifest_.find(key);
    if (found == manifest_.end() || !found->is_array())
      fail(fmt::format("manifest.json: {}: missing, or no list", key));
    return *found;
  }
  std::string entry(const char* key, const json& item, const char* field) const {
    const json found = item.is_object() ? item.value(field, json()) : json();
    if (!found.is_string()) fail(fmt::format("manifest.json: {}: an entry without '{}'", key, field));
    return found.get<std::string>();
  }
  std::map<std::string, std::string> facts() const {
    std::map<std::string, std::string> result;
    const auto found = manifest_.find("facts");
    if (found == manifest_.end() || !found->is_object()) fail("manifest.json: facts: missing, or no object");
    for (const auto& [fact, value] : found->items()) {
      if (!value.is_string()) fail(fmt::format("manifest.json: facts.{}: no text", printable(fact)));
      result[fact] = value.get<std::string>();
    }
    return result;
  }
  const std::map<std::string, std::string>& files() const { return files_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_, folder_;
  std::map<std::string, std::string> files_;
  json manifest_;
};

BundleCheck check_files(const Bundle& bundle) {
  std::set<std::string> listed = {bundle::manifest_file};
  for (const json& item : bundle.list("files")) {
    const std::string name = bundle.entry("files", item, "path"), hash = bundle.entry("files", item, "xxh3_128");
    listed.insert(name);
    const auto found = bundle.files().find(name);
    if (found == bundle.files().end())
      return {"files", CheckOutcome::failed, fmt::format("'{}' is missing", printable(name))};
    if (search_space::content_hash(found->second) != hash)
      return {"files", CheckOutcome::failed, fmt::format("'{}' is not what the manifest says: changed", name)};
  }
  for (const auto& [name, bytes] : bundle.files())
    if (!listed.contains(name))
      return {"files", CheckOutcome::failed, fmt::format("'{}' is not in the manifest", printable(name))};
  return {"files", CheckOutcome::passed, fmt::format("{} files as the manifest says", listed.size())};
}

std::vector<std::vector<std::int8_t>> rows(const Bundle& bundle, const std::string& name, std::size_t size) {
  const std::string& bytes = bundle.file(name);
  if (bytes.empty() || bytes.size() % size != 0)
    bundle.fail(fmt::format("{}: {} bytes, which is no multiple of {}", name, bytes.size(), size));
  std::vector<std::vector<std::int8_t>> result;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    result.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  return result;
}

ExportInput input_of(const Bundle& bundle) {
  const std::string name = bundle.text("name"), place = bundle.path() + ": ";
  ExportInput input{bundle.text("network"),
                    search_space::architecture_from_json(bundle.parsed(name + ".json"), place + name + ".json"),
                    bundle.file(name + ".safetensors")};
  input.facts = bundle.facts();
  const auto network = evaluators::finite_network(input.architecture, *input.weights, place + name + ".safetensors");
  input.integers = evaluators::integers_from_safetensors(network, bundle.file(name + "-int8.safetensors"),
                                                         place + name + "-int8.safetensors");
  input.golden =
      GoldenVectors{rows(bundle, "golden/images.int8", static_cast<std::size_t>(input.architecture.input.elements())),
                    rows(bundle, "golden/logits.int8", static_cast<std::size_t>(input.architecture.classes))};
  if (input.golden->images.size() != input.golden->logits.size())
    bundle.fail(
        fmt::format("golden: {} images, but scores of {}", input.golden->images.size(), input.golden->logits.size()));
  return input;
}

BundleCheck check_costs(const Bundle& bundle, const ExportInput& input) {
  const auto cost = search_space::cost_of(search_space::lower(input.architecture));
  const std::vector<std::pair<std::string, std::string>> figures = {
      {"parameters", std::to_string(cost.parameters())}, {"multiply-adds", std::to_string(cost.multiply_adds)}};
  if (input.architecture.key() != bundle.text("key"))
    return {"architecture", CheckOutcome::failed, "its key is not that of the manifest"};
  for (const auto& [fact, counted] : figures) {
    const auto told = input.facts.find(fact);
    if (told != input.facts.end() && told->second != counted)
      return {"architecture", CheckOutcome::failed,
              fmt::format("{}: {} are told, {} counted", fact, printable(told->second), counted)};
  }
  return {"architecture", CheckOutcome::passed,
          fmt::format("{} parameters, {} multiply-adds, and weights that fit", cost.parameters(), cost.multiply_adds)};
}

BundleCheck check_integers(const ExportInput& input) {
  for (std::size_t i = 0; i < input.golden->images.size(); ++i)
    if (input.integers->run(input.golden->images[i]) != input.golden->logits[i])
      return {"integers", CheckOutcome::failed, fmt::format("golden image {}: other scores", i)};
  return {"integers", CheckOutcome::passed,
          fmt::format("scores of {} golden images bit-equal", input.golden->images.size())};
}

// Whether the files of a format are what this program writes; what the bundle lacks counts as different.
bool as_written_here(const Bundle& bundle, const std::vector<ExportFile>& own) {
  return std::all_of(own.begin(), own.end(), [&](const ExportFile& file) {
    const auto found = bundle.files().find(file.path);
    return found != bundle.files().end() && found->second == file.bytes;
  });
}

BundleCheck check_export(const Bundle& bundle, const ExportInput& input, const ExportFormat& format,
                         const std::string& file, const BundleTrust& trust) {
  const std::vector<ExportFile> own = export_files(input, format, file);
  const bool code = format.name == "c" || format.name == "pytorch";
  if (code && !trust.run_code && !as_written_here(bundle, own)) {
    if (bundle.text("generator") == trust.generator)
      return {format.name, CheckOutcome::failed,
              fmt::format("'{}' is not the program of this network, and was not run", file)};
    return {format.name, CheckOutcome::not_tried,
            fmt::format("made by '{}', and '{}' writes another program of this network; --run-code runs it all the "
                        "same, if you trust its source",
                        printable(bundle.text("generator")), trust.generator)};
  }
  try {
    const WorkFolder folder;  // with these files alone: no others that a compiler or interpreter might find
    for (const ExportFile& each : own) {
      const std::filesystem::path place = folder / each.path;
      std::filesystem::create_directories(place.parent_path());
      write_bytes(place.string(), bundle.file(each.path));
    }
    const Verification found = format.verify(input, folder / file);
    return {format.name, found.passed ? CheckOutcome::passed : CheckOutcome::failed, found.statement};
  } catch (const search_space::EnvironmentError& error) {
    return {format.name, CheckOutcome::not_tried, error.what()};
  }
}

}  // namespace

BundleReport verify_bundle(const std::string& path, const BundleTrust& trust) {
  const Bundle bundle(path);
  BundleReport report{bundle.text("name"), bundle.text("key"), bundle.text("generator"), bundle.facts(), {}};
  report.checks.push_back(check_files(bundle));
  if (!report.passed()) return report;  // the rest would only repeat it
  const ExportInput input = input_of(bundle);
  report.checks.push_back(check_costs(bundle, input));
  report.checks.push_back(check_integers(input));
  for (const json& item : bundle.list("exports")) {
    const ExportFormat& format = find_export_format(bundle.entry("exports", item, "format"));
    const std::string file = bundle.entry("exports", item, "file");
    const bool known = std::any_of(bundle::parts().begin(), bundle::parts().end(),
                                   [&](const bundle::Part& part) { return part.format == format.name; });
    if (!known || !bundle.files().contains(file))
      bundle.fail(fmt::format("manifest.json: exports: '{}' is no export of a bundle", printable(file)));
    if (format.name == "architecture") continue;  // read above
    report.checks.push_back(check_export(bundle, input, format, file, trust));
  }
  return report;
}

}  // namespace synth
