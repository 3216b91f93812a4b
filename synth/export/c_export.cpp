// One .c and .h in C99 without heap, libm or files: kernels from synth/export/c, constants, one function that calls
// them.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <stdexcept>

#include "prototypes/embedded.h"
#include "search_space/deployment.h"
#include "search_space/errors.h"
#include "synth/export/c_layers.h"
#include "synth/export/c_program.h"
#include "synth/export/c_verify.h"
#include "synth/export/formats.h"
#include "synth/export/kernel_files.h"

namespace synth {

namespace c_kernels {
const std::vector<prototypes::EmbeddedFile>& embedded_files();
}

std::string kernel_file(const std::string& name) {
  for (const auto& file : c_kernels::embedded_files())
    if (file.name == name) return std::string(file.text);
  throw std::logic_error("no kernel " + name);
}

namespace c_export {
namespace {

constexpr int golden_images = 2;  // in the self-test

// Files of synth/export/c in the order in which they build on each other, and the kernel that needs each; all need the
// first.
constexpr std::pair<const char*, const char*> kernel_order[] = {{"common", ""},
                                                                {"factor", "factor"},
    {"rounding", "rounding"},
                                                                {"convolution", "convolution"},
                                                                {"matmul", "matmul"},
                                                                {"matmul_arm", "matmul"},
                                                                {"matmul_x86", "matmul"},
                                                                {"conv2d", "conv2d"},
                                                                {"depthwise", "depthwise"},
                                                                {"depthwise_arm", "depthwise"},
                                                                {"depthwise_x86", "depthwise"},
                                                                {"window", "window"},
                                                                {"max_pool", "max_pool"},
                                                                {"avg_pool", "avg_pool"},
                                                                {"global_avg_pool", "global_avg_pool"},
                                                                {"add", "add"},
                                                                {"multiply", "multiply"},
                                                                {"scale", "scale"},
                                                                {"relu", "relu"},
                                                                {"table", "table"},
                                                                {"concat", "concat"},
                                                                {"slice", "slice"},
                                                                {"channel_shuffle", "channel_shuffle"},
                                                                {"upsample_nearest", "upsample_nearest"}};

// Text that can stand in a comment.
std::string comment(std::string text) {
  for (char& c : text)
    if (c == '*' || c == '\\' || static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

std::string header(const ExportInput& input, const Program& program, const std::string& name, const std::string& file) {
  const auto& network = *input.integers;
  const auto& in = network.nodes.front();
  const auto& out = network.nodes[network.logits()];
  const auto& shape = network.graph.input();
  std::string facts;
  for (const auto& [fact, text] : input.facts) facts += fmt::format("   {}: {}\n", comment(fact), comment(text));
  return fmt::format(
      R"(/* {0}
{1}   SPDX-License-Identifier: Apache-2.0 */
#ifndef {3}_H
#define {3}_H

#include <stdint.h>

/* The image, [height][width][channels]: real = scale * (q - zero point), where real is (byte / 255 - mean) / deviation
   of the channel. */
#define {3}_INPUT_HEIGHT {4}
#define {3}_INPUT_WIDTH {5}
#define {3}_INPUT_CHANNELS {6}
#define {3}_INPUT_BYTES {7}
#define {3}_INPUT_SCALE {8:.9e}f
#define {3}_INPUT_ZERO_POINT ({9})

/* The scores of the classes, before softmax: the largest is the answer. */
#define {3}_CLASSES {10}
#define {3}_OUTPUT_SCALE {11:.9e}f
#define {3}_OUTPUT_ZERO_POINT ({12})

/* Bytes of memory that are written, and of constants without code. */
#define {3}_ARENA_BYTES {13}
#define {3}_CONSTANT_BYTES {14}

#ifdef __cplusplus
extern "C" {{
#endif

/* Returns 0, or -1 if a pointer is null. Uses static memory: one call at a time. */
int {2}_run(const int8_t *input, int8_t *output);

/* A place for the image inside the arena, so that it needs no memory of its own. {2}_run overwrites it. */
int8_t *{2}_input(void);

#ifdef {3}_SELF_TEST
/* 0 if every stored image gives the stored scores, else the number of the first that does not. */
int {2}_self_test(void);
#endif

#ifdef __cplusplus
}}
#endif

#endif
)",
      comment(file), facts, name, c_prefix(name), shape.height, shape.width, shape.channels, shape.elements(), in.scale,
      in.zero_point, network.graph.classes, out.scale, out.zero_point, std::max<std::int64_t>(program.plan.bytes, 4),
      program.constant_bytes);
}

std::string self_test(const ExportInput& input, const std::string& name) {
  if (!input.data && !input.golden) return {};
  const GoldenVectors golden = golden_vectors(input, golden_images);
  std::vector<std::int8_t> images, scores;
  for (const auto& image : golden.images) images.insert(images.end(), image.begin(), image.end());
  for (const auto& logits : golden.logits) scores.insert(scores.end(), logits.begin(), logits.end());
  return fmt::format(
      "\n#ifdef {1}_SELF_TEST\n{2}{3}\n"
      R"(int {0}_self_test(void) {{
  int8_t found[{1}_CLASSES];
  int i;
  for (i = 0; i < {4}; ++i) {{
    {0}_run(golden_images + i * {1}_INPUT_BYTES, found);
    if (memcmp(found, golden_scores + i * {1}_CLASSES, sizeof found) != 0) return i + 1;
  }}
  return 0;
}}
#endif
)",
      name, c_prefix(name), array_text("static const int8_t golden_images", images),
      array_text("static const int8_t golden_scores", scores), golden.images.size());
}

std::string source(const ExportInput& input, const Program& program, const std::string& name,
                   const std::string& header_file) {
  std::string text = fmt::format(
      "/* {}: see {}. Kernels and constants of one network.\n"
      "   SPDX-License-Identifier: Apache-2.0 */\n#include \"{}\"\n\n",
      name, comment(header_file), header_file);
  if (program.largest_depthwise > 0) text += fmt::format("#define MOST_KERNEL {}\n", program.largest_depthwise);
  for (const auto& [kernel, of] : kernel_order)
    if (*of == '\0' || program.kernels.contains(of)) text += kernel_file(kernel) + "\n";
  text += fmt::format(
      "static union {{\n  int32_t words[{0}_ARENA_BYTES / 4];\n  int16_t halves[{0}_ARENA_BYTES / 2];\n"
      "  int8_t bytes[{0}_ARENA_BYTES];\n}} memory;\n#define arena memory.bytes\n",
      c_prefix(name));
  if (program.largest_patch > 0)
    text += fmt::format(
        "#if PIXELS > {0}\nstatic int8_t patches[PIXELS * {1}];\n#define PATCHES(offset) patches\n#else\n"
        "#define PATCHES(offset) (arena + (offset))\n#endif\n",
        search_space::planned_pixels, program.largest_patch);
  text += "\n" + program.constants;
  text += fmt::format(
      "\nint {0}_run(const int8_t *input, int8_t *output) {{\n  if (!input || !output) return -1;\n{1}"
      "  return 0;\n}}\n\nint8_t *{0}_input(void) {{\n  return arena + {2};\n}}\n",
      name, program.calls, program.plan.offset[0]);
  return text + self_test(input, name);
}

}  // namespace

std::string c_name(const std::string& stem) {
  std::string name;
  for (unsigned char c : stem) name += std::isalnum(c) && c < 128 ? static_cast<char>(c) : '_';
  if (name.empty() || !std::isalpha(static_cast<unsigned char>(name.front()))) name = "net_" + name;
  return name;
}

std::string c_prefix(const std::string& name) {
  std::string prefix = name;
  std::transform(prefix.begin(), prefix.end(), prefix.begin(), [](unsigned char c) { return std::toupper(c); });
  return prefix;
}

std::vector<ExportFile> write(const ExportInput& input, const std::string& path) {
  const std::filesystem::path place(path);
  if (place.extension() != ".c")
    throw search_space::InputError(fmt::format(
        "--out: '{}' does not end in .c; name it so, since a header with the same name is written beside it", path));
  const std::string name = c_name(place.stem().string());
  const std::string header_file = place.stem().string() + ".h";
  if (header_file.find_first_of("\"\\\n") != std::string::npos)
    throw search_space::InputError(
        fmt::format("--out: '{}': C can include no header of such a name; leave out quotes, "
                    "backslashes and line breaks",
                    path));
  const Program program = program_of(*input.integers);
  const std::string header_path = (place.parent_path() / header_file).string();
  return {{path, source(input, program, name, header_file)}, {header_path, header(input, program, name, header_file)}};
}

}  // namespace c_export

ExportFormat c_format() {
  return {"c",
          "c",
          "int8 C99, no heap, no libm: NAME.c and NAME.h with NAME_run()",
          Needs::integers,
          c_export::write,
          c_export::verify,
          true};
}

}  // namespace synth
