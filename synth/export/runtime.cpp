// Scripts that are embedded, written to a temporary folder and run there.
#include "synth/export/runtime.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "evaluators/child_process.h"
#include "prototypes/embedded.h"
#include "search_space/errors.h"

namespace synth {

namespace runtimes {
const std::vector<prototypes::EmbeddedFile>& embedded_files();
}

namespace {

using search_space::EnvironmentError;

constexpr auto patience = std::chrono::minutes(10);  // for all inputs together

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "synth-verify.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw EnvironmentError(fmt::format("cannot make a folder '{}': {}", pattern, std::strerror(errno)));
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  if (!file.flush()) throw EnvironmentError(fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
}

std::string_view script_text(const std::string& name) {
  for (const auto& file : runtimes::embedded_files())
    if (file.name == name) return file.text;
  throw std::logic_error("no script of the name " + name);
}

std::string program_path(const Runtime& runtime) {
  const char* own = runtime.program == "python3" ? std::getenv("SYNTH_PYTHON") : nullptr;
  try {
    return evaluators::executable_path(own != nullptr ? own : runtime.program);
  } catch (const EnvironmentError& error) {
    throw EnvironmentError(fmt::format("{} cannot be run: {}; {}", runtime.name, error.what(), runtime.install));
  }
}

}  // namespace

const Runtime& onnx_runtime() {
  static const Runtime runtime = {
      "ONNX Runtime", "node", "onnxruntime",
      "install Node.js and 'npm install onnxruntime-node', here or in the folder that SYNTH_RUNTIMES names"};
  return runtime;
}

const Runtime& lite_rt() {
  static const Runtime runtime = {
      "LiteRT", "node", "litert",
      "install Node.js and 'npm install @litertjs/core', here or in the folder that SYNTH_RUNTIMES names"};
  return runtime;
}

const Runtime& pytorch() {
  static const Runtime runtime = {
      "PyTorch", "python3", "pytorch",
      "install PyTorch (Debian: python3-torch and python3-numpy) for the python3 of PATH, or the one that SYNTH_PYTHON "
      "names"};
  return runtime;
}

std::string run_model(const Runtime& runtime, const std::string& model, const std::vector<int>& shape,
                      const std::string& inputs) {
  const std::string program = program_path(runtime);
  const Folder folder;
  const std::string script = folder / (runtime.program == "node" ? "run.mjs" : "run.py");
  write(script, script_text(runtime.script));
  write(folder / "inputs", inputs);
  evaluators::ChildProcess process({program, script, std::filesystem::absolute(model).string(),
                                    fmt::format("{}", fmt::join(shape, ",")), folder / "inputs", folder / "outputs"},
                                   "/dev/null");
  const auto end = process.read(/*one_line=*/false, std::chrono::steady_clock::now() + patience, nullptr);
  if (end != evaluators::ReadEnd::ended || !process.exited_well())
    throw EnvironmentError(
        fmt::format("{} did not run '{}': {}; if it is missing, {}", runtime.name, model,
                    end == evaluators::ReadEnd::timed_out ? "it took more than ten minutes" : process.last_words(),
                    runtime.install));
  std::ifstream file(folder / "outputs", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> run_model(const Runtime& runtime, const std::string& model, const std::vector<int>& shape,
                             const std::vector<float>& inputs) {
  const std::string bytes(reinterpret_cast<const char*>(inputs.data()), inputs.size() * sizeof(float));
  const std::string found = run_model(runtime, model, shape, bytes);
  std::vector<float> result(found.size() / sizeof(float));
  std::memcpy(result.data(), found.data(), result.size() * sizeof(float));
  return result;
}

}  // namespace synth
