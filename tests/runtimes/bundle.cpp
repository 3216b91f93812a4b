// Bundles: rechecked from their own content, in the runtimes; changed ones found out.
#include "synth/export/bundle.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evaluators/integer_conversion.h"
#include "evaluators/integer_file.h"
#include "evaluators/weights.h"
#include "samples.h"
#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/export/archive.h"
#include "synth/export/tools.h"

using namespace synth;
using Catch::Contains;

namespace {

constexpr const char* generator = "synth test";

ExportInput input_of(const samples::Trained& trained) {
  ExportInput input{"attendnet", trained.architecture, evaluators::to_safetensors(trained.network.named_tensors())};
  input.integers = evaluators::integer_network(trained.network, samples::shapes());
  input.data = std::make_shared<evaluators::DataSet>(samples::shapes());
  input.facts = {{"generator", generator}, {"data fingerprint", "0123"}, {"requirements", "accuracy>=90%"}};
  input.lineage = "{}\n";
  return input;
}

std::string outcome(const BundleReport& report, const std::string& part) {
  for (const BundleCheck& check : report.checks)
    if (check.part == part)
      return (check.outcome == CheckOutcome::passed   ? "passed: "
              : check.outcome == CheckOutcome::failed ? "failed: "
                                                      : "not tried: ") +
             check.statement;
  return "missing";
}

// The bundle with one file changed; the manifest follows, as a forger would make it.
template <typename Change>
void change(const std::string& path, const std::string& name, bool honest, const Change& how) {
  auto files = read_zip_archive(path);
  nlohmann::ordered_json manifest;
  for (auto& file : files)
    if (file.path.ends_with(name)) how(file.bytes);
  for (auto& file : files)
    if (file.path.ends_with(bundle::manifest_file)) {
      manifest = nlohmann::ordered_json::parse(file.bytes);
      for (auto& item : manifest["files"])
        for (const auto& other : files)
          if (honest && other.path.ends_with("/" + item["path"].get<std::string>()))
            item["xxh3_128"] = search_space::content_hash(other.bytes);
      file.bytes = manifest.dump();
    }
  write_bytes(path, zip_archive(files));
}

}  // namespace

TEST_CASE("integer networks come back from safetensors as they were", "[bundle]") {
  const samples::Trained trained = samples::trained("attendnet_seed,width=0.5");
  const auto before = evaluators::integer_network(trained.network, samples::shapes());
  const std::string blob = evaluators::to_safetensors(before);
  const auto after = evaluators::integers_from_safetensors(trained.network, blob, "net");
  REQUIRE(after.nodes.size() == before.nodes.size());
  for (int i = 0; i <= before.logits(); ++i) {
    INFO(before.graph.full_name(i));
    const auto &a = before.nodes[i], &b = after.nodes[i];
    CHECK((a.scale == b.scale && a.zero_point == b.zero_point && a.weight == b.weight && a.bias == b.bias));
    CHECK((a.table == b.table && a.weight_scale == b.weight_scale && a.multiplier.size() == b.multiplier.size()));
    for (std::size_t m = 0; m < a.multiplier.size(); ++m)
      CHECK(
          (a.multiplier[m].multiplier == b.multiplier[m].multiplier && a.multiplier[m].shift == b.multiplier[m].shift));
  }
  auto tensors = evaluators::from_safetensors(blob, "net");
  const auto with = [&](const std::string& name, torch::Tensor tensor) {
    auto changed = tensors;
    changed[name] = tensor;
    return evaluators::to_safetensors(changed);
  };
  const auto read = [&](const std::string& changed) {
    return evaluators::integers_from_safetensors(trained.network, changed, "net");
  };
  CHECK_THROWS_WITH(read(with("head.dense.bias", torch::zeros({3}, torch::kInt32))),
                    Contains("net: tensor 'head.dense.bias'") && Contains("[3]") && Contains("expected [4]"));
  CHECK_THROWS_WITH(read(with("input.range", torch::full({2}, -1.0f))), Contains("input.range"));
  CHECK_THROWS_WITH(read(with("unknown", torch::zeros({3}))), Contains("'unknown' belongs to no layer"));
  tensors.erase("head.dense.weight");
  CHECK_THROWS_WITH(read(evaluators::to_safetensors(tensors)), Contains("'head.dense.weight' is missing"));
}

TEST_CASE("a bundle is rechecked from its own content in every runtime", "[bundle]") {
  const ExportInput input = input_of(samples::trained("attendnet_seed,width=0.5"));
  const ExportFormat& format = find_export_format("bundle");
  const samples::Folder folder;
  const std::string path = folder / "net.zip";
  export_network(input, format, path);
  CHECK(export_files(input, format, path).front().bytes == read_bytes(path));  // the same bytes every time

  const BundleReport report = verify_bundle(path, {generator});
  for (const BundleCheck& check : report.checks) INFO(check.part << ": " << check.statement);
  CHECK(report.passed());
  CHECK(report.key == input.architecture.key());
  CHECK(report.facts.at("data fingerprint") == "0123");
  for (const std::string part :
       {"files", "architecture", "integers", "c", "tflite", "tflite-float", "onnx", "onnx-int8", "pytorch"})
    CHECK_THAT(outcome(report, part), Catch::StartsWith("passed"));
  std::vector<std::string> names;
  for (const auto& file : read_zip_archive(path)) names.push_back(file.path);
  for (const std::string name : {"net/README.md", "net/LICENSE", "net/lineage.json", "net/net.safetensors",
                                 "net/golden/images.int8", "net/manifest.json"})
    CHECK(std::count(names.begin(), names.end(), name) == 1);
}

TEST_CASE("changes of a bundle are found out", "[bundle]") {
  const ExportInput input = input_of(samples::trained("residual9,width=0.25"));
  const samples::Folder folder;
  const std::string path = folder / "net.zip";
  const auto fresh = [&] { export_network(input, find_export_format("bundle"), path, /*overwrite=*/true); };
  const auto report = [&](const BundleTrust& trust = {generator}) { return verify_bundle(path, trust); };

  fresh();
  change(path, "net.onnx", /*honest=*/false, [](std::string& bytes) { bytes.back() ^= 1; });
  CHECK_THAT(outcome(report(), "files"), Catch::StartsWith("failed") && Contains("net.onnx"));

  fresh();
  change(path, "golden/logits.int8", true, [](std::string& bytes) { bytes[0] ^= 64; });
  CHECK_THAT(outcome(report(), "integers"), Catch::StartsWith("failed"));

  // A program of someone else's is not run: this one would make a file.
  fresh();
  const std::string trace = folder / "trace";
  change(path, "net.c", true, [&](std::string& bytes) {
    bytes += "\n#include <stdio.h>\n__attribute__((constructor)) static void f(void) { fclose(fopen(\"" + trace +
             "\", \"w\")); }\n";
  });
  CHECK_THAT(outcome(report(), "c"), Catch::StartsWith("failed") && Contains("was not run"));
  CHECK_THAT(outcome(report({"synth of later"}), "c"), Catch::StartsWith("not tried") && Contains("--run-code"));
  CHECK_THROWS(read_bytes(trace));

  fresh();
  change(path, "net.json", true, [](std::string& bytes) { bytes = "{}"; });
  CHECK_THROWS_WITH(report(), Contains("net.json"));
  fresh();
  change(path, "net.safetensors", true, [](std::string& bytes) { bytes.resize(bytes.size() / 2); });
  CHECK_THROWS_WITH(report(), Contains("net.safetensors"));
}
