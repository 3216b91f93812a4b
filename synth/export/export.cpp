// A network written to a file in the format another tool reads.
#include "synth/export/export.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "synth/report/network_picture.h"

namespace synth {
namespace {

using search_space::EnvironmentError;
using search_space::InputError;

std::string exists_already(const std::string& path) {
  return fmt::format("'{}' exists already; --overwrite replaces it, or choose another --out", path);
}

// A file that disappears unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& beside) : path_(beside + ".XXXXXX") {
    file_ = ::mkostemp(path_.data(), O_CLOEXEC);
    if (file_ < 0) fail(beside);
    const mode_t mask = ::umask(0);  // mkostemp makes private files; an export is as open as the user's other files
    ::umask(mask);
    ::fchmod(file_, 0666 & ~mask);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_ >= 0) ::close(file_);
    ::unlink(path_.c_str());
  }
  [[noreturn]] static void fail(const std::string& path) {
    throw EnvironmentError(fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
  }

  void write(const std::string& bytes, const std::string& path) {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t size = ::write(file_, bytes.data() + done, bytes.size() - done);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) fail(path);
      done += static_cast<std::size_t>(size);
    }
    if (::fsync(file_) != 0) fail(path);
  }

  // Gives the file its name. Without `overwrite` the link fails if the name has been taken, however late.
  void keep_as(const std::string& path, bool overwrite) {
    if (overwrite) {
      if (::rename(path_.c_str(), path.c_str()) != 0) fail(path);
      return;
    }
    if (::link(path_.c_str(), path.c_str()) == 0) return;
    if (errno == EEXIST) throw InputError(exists_already(path));
    // File systems without hard links.
    if (::access(path.c_str(), F_OK) == 0) {
      throw InputError(exists_already(path));
    }
    if (::rename(path_.c_str(), path.c_str()) != 0) fail(path);
  }

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats = {
      {"architecture", "json", "the design, schema synth/architecture/1: input of every other command"},
      {"weights", "safetensors", "trained float weights by layer name, batch norm not folded", true},
      {"dot", "dot", "picture for Graphviz"},
      {"svg", "svg", "picture: module kinds in colour, widths inside"}};
  return formats;
}

std::string export_bytes(const ExportInput& input, const std::string& format) {
  if (format == "architecture") {
    return search_space::architecture_to_json(input.architecture, input.name).dump(2) + "\n";
  }
  if (format == "dot") return report::network_dot(input.architecture, input.name);
  if (format == "svg") return report::network_svg(input.architecture, input.name);
  if (format == "weights") {
    if (input.weights && !input.weights->empty()) return *input.weights;
    throw InputError(
        fmt::format("export of '{}': --format weights needs a trained network, and this one has no weights: train "
                    "it with 'synth train', or name a network whose weights the run has kept",
                    input.name));
  }
  std::vector<std::string> known;
  for (const ExportFormat& each : export_formats()) known.push_back(each.name);
  throw InputError(fmt::format("--format: unknown format '{}'{}", format, search_space::suggestion(format, known)));
}

void write_file(const std::string& path, const std::string& bytes, bool overwrite) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) throw InputError(fmt::format("--out: '{}' is a directory; name a file in it", path));
    if (!S_ISREG(found.st_mode)) throw InputError(fmt::format("--out: '{}' is no regular file; name another", path));
    if (!overwrite) throw InputError(exists_already(path));
  }
  TemporaryFile file(path);
  file.write(bytes, path);
  file.keep_as(path, overwrite);
}

void export_network(const ExportInput& input, const std::string& format, const std::string& path, bool overwrite) {
  write_file(path, export_bytes(input, format), overwrite);
}

}  // namespace synth
