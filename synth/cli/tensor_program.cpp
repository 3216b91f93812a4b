// From `synth` to `synth-tensors`: the same process, so that signals, terminal and exit code need no passing on.
#include "synth/cli/tensor_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "search_space/errors.h"

namespace synth::cli {

int run_with_tensors(const Command& self, const std::vector<std::string>& arguments) {
  std::error_code unreadable;
  const std::filesystem::path self_path = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  if (unreadable)
    throw search_space::EnvironmentError("cannot find out where this program lies: /proc/self/exe: " +
                                         unreadable.message());
  const std::string path = self_path.parent_path() / "synth-tensors";
  std::vector<std::string> words = {path, self.name};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(path.c_str(), pointers.data());
  throw search_space::EnvironmentError(fmt::format(
      "cannot start '{}': {}; it belongs beside synth, where the build and the Debian package synth-tensors put it",
      path, std::strerror(errno)));
}

}  // namespace synth::cli
