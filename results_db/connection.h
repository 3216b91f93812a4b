// Opening, locking and closing a run's file, and what SQLite's errors mean to a user. Internal to results_db.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>

namespace results_db {

// One writer per database, across processes: an flock on "<path>.lock", which the kernel releases however the writer
// ends.
class WriterLock {
 public:
  explicit WriterLock(const std::string& database);  // EnvironmentError naming the process that holds it
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  ~WriterLock();

 private:
  std::string path_;
  int file_ = -1;
};

// Whether a writer holds the lock; asking never disturbs one. True where it cannot be known.
bool being_written(const std::string& database);

// What went wrong with the file at `path`, thrown as EnvironmentError where the user can cure it, else as
// std::logic_error.
[[noreturn]] void throw_explained(const SQLite::Exception& error, const std::string& path);

// Runs `work`, with SQLite's errors explained.
template <typename Work>
auto explained(const std::string& path, Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    throw_explained(error, path);
  }
}

// A connection that reads what is committed, also while another process writes, and on read-only media.
std::unique_ptr<SQLite::Database> open_for_reading(const std::string& path);
// A connection in WAL mode whose commits survive a power loss. The file must exist.
std::unique_ptr<SQLite::Database> open_for_writing(const std::string& path);

}  // namespace results_db
