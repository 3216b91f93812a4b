// Other programs that verify exports: compilers, emulators, runtimes.
#pragma once

#include <string>
#include <vector>

namespace synth {

// A folder of its own under the system's place for temporary files, gone at the end. EnvironmentError.
class WorkFolder {
 public:
  WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Whether PATH holds it.
bool has_tool(const std::string& name);

// Runs a program without input to its end. Empty if it ended with code 0, else how it ended and its last words.
std::string run_tool(const std::vector<std::string>& words);

// Whole files. EnvironmentError naming the path.
void write_bytes(const std::string& path, const std::string& bytes);
std::string read_bytes(const std::string& path);

}  // namespace synth
