// Opening, locking and closing a run's file (see connection.h).
#include "results_db/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "results_db/results_db.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

using search_space::EnvironmentError;

constexpr int reader_patience_ms = 10'000;  // a writer's commit or checkpoint takes far less
constexpr int writer_patience_ms = 30'000;

// The whole file. Locks of the open file description, not of the process: two writers within one process conflict too,
// and a reader can ask without taking the lock for a moment.
struct flock exclusive() {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return whole;
}

std::string holder(int file) {
  char digits[32] = {};
  const ssize_t size = ::pread(file, digits, sizeof digits - 1, 0);
  const std::string text(digits, size > 0 ? static_cast<std::size_t>(size) : 0);
  return text.empty() ? "" : " (pid " + text.substr(0, text.find('\n')) + ")";
}

// Whether the path still names the open file: a writer that ends removes its lock file.
bool still_named(int file, const std::string& path) {
  struct stat opened {
  }, named{};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

// A file name as SQLite's URI syntax wants it.
std::string uri(const std::string& path, const std::string& options) {
  std::string text = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text + "?" + options;
}

void require_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw EnvironmentError("run database '" + path + "' does not exist; 'synth search --db " + path + "' makes one");
  }
  if (std::filesystem::is_directory(path, error)) {
    throw EnvironmentError("'" + path + "' is a directory; a run database is a file");
  }
  if (::access(path.c_str(), R_OK) != 0) {
    throw EnvironmentError("run database '" + path + "' cannot be read: " + std::strerror(errno));
  }
}

}  // namespace

WriterLock::WriterLock(const std::string& database) : path_(database + ".lock") {
  for (;;) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) {
      throw EnvironmentError("cannot write beside run database '" + database + "': " + std::strerror(errno) + " ('" +
                             path_ + "'); choose a folder that exists and can be written");
    }
    struct flock whole = exclusive();
    if (::fcntl(file_, F_OFD_SETLK, &whole) != 0) {
      const int reason = errno;
      const std::string who = holder(file_);
      ::close(file_);
      if (reason != EAGAIN && reason != EACCES) {
        throw EnvironmentError("cannot lock run database '" + database + "': " + std::strerror(reason));
      }
      throw Busy("another process" + who + " is searching in run database '" + database +
                 "'; wait for it, stop it, or use another --db");
    }
    if (still_named(file_, path_)) break;
    ::close(file_);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // Only the message of a second writer needs it: a failure to write it is no reason to stop.
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, pid.data(), pid.size(), 0) < 0) errno = 0;
}

WriterLock::~WriterLock() {
  ::unlink(path_.c_str());  // before the lock is released, so that nobody can hold a lock on a removed name
  ::close(file_);
}

bool being_written(const std::string& database) {
  const int file = ::open((database + ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno != ENOENT;
  struct flock whole = exclusive();
  const bool known = ::fcntl(file, F_OFD_GETLK, &whole) == 0;
  ::close(file);
  return !known || whole.l_type != F_UNLCK;
}

void throw_explained(const SQLite::Exception& error, const std::string& path) {
  const std::string what = std::string(": ") + error.what();
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_FULL:
      throw EnvironmentError("no space left for run database '" + path + "'" + what +
                             "; recorded work is kept: free some space, then 'synth resume " + path + "'");
    case SQLITE_IOERR:
      throw EnvironmentError("cannot read or write run database '" + path + "'" + what +
                             "; recorded work is kept: check the disk and its free space, then 'synth resume " + path +
                             "'");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw EnvironmentError("run database '" + path + "' is locked by another program" + what +
                             "; close it there, then try again");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw EnvironmentError("run database '" + path + "' cannot be written" + what +
                             "; check the permissions of the file and of its folder");
    case SQLITE_CANTOPEN:
      throw EnvironmentError("run database '" + path + "' cannot be opened" + what +
                             "; check that its folder exists and may be written");
    case SQLITE_NOTADB:
      throw EnvironmentError("'" + path + "' is not a run database" + what);
    case SQLITE_CORRUPT:
      throw EnvironmentError("run database '" + path + "' is damaged or truncated" + what +
                             "; restore it from a copy, or save what is left with 'sqlite3 " + path + " .recover'");
    case SQLITE_TOOBIG:
      throw EnvironmentError("a record is too large for run database '" + path + "'" + what);
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    default:
      throw std::logic_error("run database '" + path + "'" + what);
  }
}

std::unique_ptr<SQLite::Database> open_for_reading(const std::string& path) {
  require_file(path);
  const auto probe = [](SQLite::Database& database) { database.execAndGet("SELECT count(*) FROM sqlite_master"); };
  // Where the files may be written, the connection may too, though it is told not to: only such a one folds the log in
  // and removes it when the last reader leaves.
  const int mode = ::access(path.c_str(), W_OK) == 0 ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY;
  try {
    auto database = std::make_unique<SQLite::Database>(path, mode, reader_patience_ms);
    database->exec("PRAGMA query_only = ON");
    probe(*database);
    return database;
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode() & 0xff;
    std::error_code ignored;
    const bool idle = !std::filesystem::exists(path + "-wal", ignored);
    if (!idle || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY)) throw_explained(error, path);
  }
  // A WAL database in a folder that cannot be written, and nobody writes it: it cannot change while we read.
  return explained(path, [&] {
    auto database = std::make_unique<SQLite::Database>(uri(path, "mode=ro&immutable=1"),
                                                       SQLite::OPEN_READONLY | SQLite::OPEN_URI, reader_patience_ms);
    probe(*database);
    return database;
  });
}

std::unique_ptr<SQLite::Database> open_for_writing(const std::string& path) {
  require_file(path);
  if (::access(path.c_str(), W_OK) != 0) {
    throw EnvironmentError("run database '" + path + "' cannot be written: " + std::strerror(errno));
  }
  return explained(path, [&] {
    auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, writer_patience_ms);
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = FULL");  // steps take seconds, a flush takes milliseconds
    database->exec("PRAGMA foreign_keys = ON");
    database->exec("PRAGMA journal_size_limit = 67108864");  // bytes; weights make the log swell for a moment
    return database;
  });
}

}  // namespace results_db
