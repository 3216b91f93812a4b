// The generated program against the integer network, under every compiler and processor that is there.
#include "synth/export/c_verify.h"

#include <fmt/format.h>

#include <filesystem>

#include "search_space/errors.h"
#include "synth/export/cortex_m.h"
#include "synth/export/tools.h"

namespace synth::c_export {
namespace {

constexpr int verified_images = 200;

const std::vector<std::string> strict = {"-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"};

// Reads images from its first argument, writes scores to its second.
std::string driver(const std::string& name, const std::string& prefix, const std::string& header) {
  return fmt::format(R"(#include <stdio.h>
#include "{2}"
static int8_t image[{1}_INPUT_BYTES], scores[{1}_CLASSES];
int main(int count, char **words) {{
  FILE *in = fopen(words[count - 2], "rb"), *out = fopen(words[count - 1], "wb");
  if (!in || !out) return 3;
  if ({0}_self_test() != 0) return 4;
  while (fread(image, sizeof image, 1, in) == 1)
    if ({0}_run(image, scores) != 0 || fwrite(scores, sizeof scores, 1, out) != 1) return 5;
  return fclose(out) == 0 ? 0 : 6;
}}
)",
                     name, prefix, header);
}

std::string joined(const std::vector<std::vector<std::int8_t>>& vectors) {
  std::string bytes;
  for (const auto& vector : vectors) bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size());
  return bytes;
}

// A way to run the program.
struct Target {
  std::string name;
  std::string compiler;  // of this machine; empty: for `processor`
  std::vector<std::string> options;
  CortexM processor{};
};

std::vector<Target> targets() {
  std::vector<Target> found;
  for (const char* compiler : {"gcc", "clang"}) {
    if (!has_tool(compiler)) continue;
    found.push_back({compiler, compiler, {"-march=native"}});
    found.push_back({std::string(compiler) + ", portable", compiler, {"-DSYNTH_PORTABLE"}});
#ifdef __x86_64__
    found.push_back({std::string(compiler) + ", SSE4.1", compiler, {"-msse4.1"}});
    if (__builtin_cpu_supports("avx2")) found.push_back({std::string(compiler) + ", AVX2", compiler, {"-mavx2"}});
#endif
  }
  if (found.empty())
    throw search_space::EnvironmentError("--verify of --format c needs a C compiler: install gcc or clang");
  if (missing_for_cortex_m().empty())
    for (const CortexM& processor : cortex_ms()) found.push_back({processor.name, "", {}, processor});
  return found;
}

// Empty, or what went wrong.
std::string run(const Target& target, const std::string& source, const std::string& prefix, const WorkFolder& folder) {
  const std::filesystem::path place = std::filesystem::absolute(source);
  std::vector<std::string> options = strict;
  options.insert(options.end(), target.options.begin(), target.options.end());
  options.insert(options.end(), {"-D" + prefix + "_SELF_TEST", "-I", place.parent_path().string()});
  const std::vector<std::string> sources = {folder / "driver.c", place.string()},
                                 arguments = {folder / "images", folder / "scores"};
  if (target.compiler.empty())
    return run_on_cortex_m(target.processor, options, sources, folder / "program", arguments);
  std::vector<std::string> words = {target.compiler};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), sources.begin(), sources.end());
  words.insert(words.end(), {"-o", folder / "program"});
  if (const std::string problem = run_tool(words); !problem.empty()) return problem;
  return run_tool({folder / "program", arguments[0], arguments[1]});
}

std::string difference(const std::string& found, const GoldenVectors& golden) {
  const std::string expected = joined(golden.logits);
  if (found.size() != expected.size())
    return fmt::format("wrote {} bytes of scores instead of {}", found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i] != expected[i])
      return fmt::format("image {}, class {}: {} instead of {}", i / golden.logits[0].size(),
                         i % golden.logits[0].size(), int{static_cast<std::int8_t>(found[i])},
                         int{static_cast<std::int8_t>(expected[i])});
  return {};
}

}  // namespace

Verification verify(const ExportInput& input, const std::string& path) {
  const std::filesystem::path place(path);
  const std::string name = c_name(place.stem().string()), prefix = c_prefix(name);
  const GoldenVectors golden = golden_vectors(input, verified_images);
  const WorkFolder folder;
  write_bytes(folder / "driver.c", driver(name, prefix, place.stem().string() + ".h"));
  write_bytes(folder / "images", joined(golden.images));
  std::string names;
  for (const Target& target : targets()) {
    std::string problem = run(target, path, prefix, folder);
    if (problem.empty()) problem = difference(read_bytes(folder / "scores"), golden);
    if (!problem.empty()) return {false, target.name + ": " + problem};
    names += (names.empty() ? "" : "; ") + target.name;
  }
  const std::string missing = missing_for_cortex_m();
  return {true, fmt::format("{} test images bit-equal to the integer network ({}{})", golden.images.size(), names,
                            missing.empty() ? "" : "; Cortex-M4 and M7 not tried: install " + missing)};
}

}  // namespace synth::c_export
