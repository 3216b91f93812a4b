// Files through temporary ones.
#include "synth/export/file_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "search_space/errors.h"
#include "synth/export/export.h"

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

void check_place(const std::string& path, bool overwrite) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return;
  if (S_ISDIR(found.st_mode)) throw InputError(fmt::format("--out: '{}' is a directory; name a file in it", path));
  if (!S_ISREG(found.st_mode)) throw InputError(fmt::format("--out: '{}' is no regular file; name another", path));
  if (!overwrite) throw InputError(exists_already(path));
}

}  // namespace

void write_files(const std::vector<ExportFile>& files, bool overwrite) {
  for (const ExportFile& file : files) check_place(file.path, overwrite);
  std::vector<std::unique_ptr<TemporaryFile>> written;
  for (const ExportFile& file : files) {
    written.push_back(std::make_unique<TemporaryFile>(file.path));
    written.back()->write(file.bytes, file.path);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    try {
      written[i]->keep_as(files[i].path, overwrite);
    } catch (...) {
      if (!overwrite)
        for (std::size_t made = 0; made < i; ++made) ::unlink(files[made].path.c_str());
      throw;
    }
  }
}

void write_file(const std::string& path, const std::string& bytes, bool overwrite) {
  write_files({{path, bytes}}, overwrite);
}

}  // namespace synth
