// libFuzzer's entry point.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "search_space/errors.h"
#include "tests/fuzz/fuzz.h"

namespace fuzzing {
namespace {

struct Folder {
  std::string path;
  Folder() {
    const bool in_memory = std::filesystem::is_directory("/dev/shm");
    path = (in_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/synth-fuzz-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path += '/';
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

const std::string& folder() {
  static const Folder created;
  return created.path;
}

void write(const std::string& name, std::string_view content) {
  std::ofstream(folder() + name, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

}  // namespace fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    fuzz({reinterpret_cast<const char*>(data), size});
  } catch (const search_space::InputError&) {
  } catch (const search_space::EnvironmentError&) {
  }
  return 0;
}
