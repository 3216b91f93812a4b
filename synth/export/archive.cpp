// Through libarchive; what it would pass on is checked here.
#include "synth/export/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>

#include "search_space/errors.h"
#include "synth/export/export.h"

namespace synth {
namespace {

using search_space::InputError;
using search_space::printable;

using Writer = std::unique_ptr<archive, int (*)(archive*)>;
using Reader = std::unique_ptr<archive, int (*)(archive*)>;
using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

// Empty, or why `name` may not be unpacked anywhere.
std::string problem_of(const std::string& name) {
  if (name.empty()) return "has no name";
  if (name.front() == '/') return "an absolute path";
  const auto plain = [](unsigned char c) { return c >= ' ' && c != 0x7f && c != '\\' && c != ':'; };
  if (!std::all_of(name.begin(), name.end(), plain)) return "backslashes, colons or control characters in its path";
  for (const auto& part : std::filesystem::path(name))
    if (part == "..") return "'..' in its path";
  return {};
}

class Unpacker {
 public:
  Unpacker(std::string path, const ArchiveLimits& limits)
      : path_(std::move(path)), limits_(limits), reader_(archive_read_new(), archive_read_free) {
    if (!reader_) throw std::bad_alloc();
    archive_read_support_format_zip_seekable(reader_.get());
  }

  std::vector<ExportFile> files() {
    if (archive_read_open_filename(reader_.get(), path_.c_str(), 1 << 16) != ARCHIVE_OK) damaged();
    std::vector<ExportFile> result;
    std::set<std::string> names;
    for (;;) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) damaged();
      const char* text = archive_entry_pathname_utf8(entry);
      const std::string name = text != nullptr ? text : "";
      check(entry, name);
      if (archive_entry_filetype(entry) == AE_IFDIR) continue;
      if (!names.insert(std::filesystem::path(name).lexically_normal().string()).second) refuse(name, "occurs twice");
      if (static_cast<int>(names.size()) > limits_.files)
        refuse(name, fmt::format("more than {} files", limits_.files));
      result.push_back({name, content(name)});
    }
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& name, const std::string& problem) const {
    throw InputError(fmt::format("{}: '{}': {}; nothing was unpacked", path_, printable(name), problem));
  }
  [[noreturn]] void damaged() const {
    const char* reason = archive_error_string(reader_.get());
    throw InputError(fmt::format("{}: is no zip archive, or a damaged or truncated one: {}", path_,
                                 reason != nullptr ? printable(reason) : "unknown reason"));
  }

  void check(archive_entry* entry, const std::string& name) const {
    if (const std::string problem = problem_of(name); !problem.empty()) refuse(name, problem);
    if (archive_entry_is_encrypted(entry) != 0) refuse(name, "is encrypted");
    const auto type = archive_entry_filetype(entry);
    if (archive_entry_symlink(entry) != nullptr || archive_entry_hardlink(entry) != nullptr || type == AE_IFLNK)
      refuse(name, "a link");
    if (type != AE_IFREG && type != AE_IFDIR) refuse(name, "no regular file");
  }

  std::string content(const std::string& name) {
    std::string bytes;
    std::vector<char> block(1 << 16);
    for (;;) {
      const la_ssize_t size = archive_read_data(reader_.get(), block.data(), block.size());
      if (size == 0) return bytes;
      if (size < 0) damaged();
      total_ += size;
      if (total_ > limits_.bytes) refuse(name, fmt::format("unpacks to more than {} bytes in all", limits_.bytes));
      bytes.append(block.data(), static_cast<std::size_t>(size));
    }
  }

  std::string path_;
  ArchiveLimits limits_;
  Reader reader_;
  std::int64_t total_ = 0;
};

la_ssize_t append(archive*, void* target, const void* bytes, std::size_t size) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void require(archive* writer, la_ssize_t status) {
  if (status < ARCHIVE_WARN) throw std::runtime_error(fmt::format("libarchive: {}", archive_error_string(writer)));
}

}  // namespace

std::string zip_archive(const std::vector<ExportFile>& files) {
  std::string bytes;
  const Writer writer(archive_write_new(), archive_write_free);
  if (!writer) throw std::bad_alloc();
  require(writer.get(), archive_write_set_format_zip(writer.get()));
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  require(writer.get(), archive_write_open(writer.get(), &bytes, nullptr, append, nullptr));
  for (const ExportFile& file : files) {
    const Entry entry(archive_entry_new(), archive_entry_free);
    if (!entry) throw std::bad_alloc();
    archive_entry_set_pathname(entry.get(), file.path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
    require(writer.get(), archive_write_header(writer.get(), entry.get()));
    require(writer.get(), archive_write_data(writer.get(), file.bytes.data(), file.bytes.size()));
  }
  require(writer.get(), archive_write_close(writer.get()));
  return bytes;
}

std::vector<ExportFile> read_zip_archive(const std::string& path, const ArchiveLimits& limits) {
  std::error_code problem;
  const auto status = std::filesystem::status(path, problem);
  if (!std::filesystem::exists(status)) throw InputError(fmt::format("'{}': no such file", path));
  if (!std::filesystem::is_regular_file(status))
    throw InputError(fmt::format("'{}' is no file; 'synth export --format bundle' writes one", path));
  return Unpacker(path, limits).files();
}

}  // namespace synth
