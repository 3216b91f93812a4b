// Locks, crashes, full disks and files that are no run database.
#include <catch2/catch.hpp>

#include "results_db/codec.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "samples.h"
#include "search_space/errors.h"

using namespace results_db;
using namespace results_db::test;
using Catch::Contains;
using search_space::EnvironmentError;

namespace {

void make_run(const std::string& path, int records, std::size_t weight_bytes = 1000) {
  ResultsDb db = ResultsDb::create(path, sample_run());
  for (int id = 1; id <= records; ++id) db.add(sample_record(id, weight_bytes), id);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string message_of(const std::string& path, Access access) {
  try {
    ResultsDb::open(path, access).records(true);
  } catch (const EnvironmentError& error) {
    return error.what();
  }
  return "";
}

// A small file system of its own; tests that need one are skipped where mounting is not allowed.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& point) : point_(point) {
    std::filesystem::create_directory(point);
    mounted_ = ::mount("tmpfs", point.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(point_.c_str());
  }
  bool mounted() const { return mounted_; }
  void make_read_only() const {
    REQUIRE(::mount("tmpfs", point_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  }

 private:
  std::string point_;
  bool mounted_ = false;
};

bool mounted_or_skipped(const SmallDisk& disk) {
  if (disk.mounted()) return true;
  WARN("skipped: mounting a small file system needs privileges");
  SUCCEED();
  return false;
}

}  // namespace

TEST_CASE("one writer at a time, and the second is told who the first is") {
  const Folder folder;
  const std::string path = folder / "run.db";
  {
    const ResultsDb first = ResultsDb::create(path, sample_run());
    REQUIRE_THROWS_WITH(ResultsDb::open(path, Access::write),
                        Contains("another process (pid " + std::to_string(::getpid()) + ")") && Contains(path));
    REQUIRE_THROWS_AS(ResultsDb::open(path, Access::write), EnvironmentError);
    REQUIRE(ResultsDb::open(path, Access::read).run().state == "running");
  }
  REQUIRE_NOTHROW(ResultsDb::open(path, Access::write));
  ResultsDb::open(path, Access::read).records(true);
  const auto files = std::filesystem::directory_iterator(folder.path());
  REQUIRE(std::distance(files, {}) == 1);  // neither lock nor log is left behind
}

TEST_CASE("a database is never made over something that exists") {
  const Folder folder;
  make_run(folder / "run.db", 1);
  REQUIRE_THROWS_WITH(ResultsDb::create(folder / "run.db", sample_run()), Contains("exists already"));
  REQUIRE(ResultsDb::open(folder / "run.db", Access::read).records(false).size() == 1);
  write_text(folder / "other", "keep me");
  REQUIRE_THROWS_AS(ResultsDb::create(folder / "other", sample_run()), EnvironmentError);
  REQUIRE_THROWS_AS(ResultsDb::create(folder / "no/such/folder/run.db", sample_run()), EnvironmentError);
  REQUIRE_THROWS_AS(ResultsDb::create(folder.path(), sample_run()), EnvironmentError);
}

TEST_CASE("a writer killed at any moment leaves every committed step and no lock") {
  for (int round = 0; round < 8; ++round) {
    const Folder folder;
    const std::string path = folder / "run.db";
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {  // only async-signal-unsafe in theory: this program has one thread here
      ResultsDb db = ResultsDb::create(path, sample_run());
      for (int id = 1;; ++id) {
        db.add(sample_record(id, 40'000), id);
        if (::write(pipe_ends[1], "r", 1) != 1) ::_exit(1);
        db.add(sample_generator(id - 1, {id}));
        if (::write(pipe_ends[1], "g", 1) != 1) ::_exit(1);
      }
    }
    ::close(pipe_ends[1]);
    std::string acknowledged;  // what the child was told is safe
    char buffer[4096];
    while (acknowledged.size() < 5 + 7 * static_cast<std::size_t>(round)) {
      const ssize_t size = ::read(pipe_ends[0], buffer, 1);
      REQUIRE(size == 1);
      acknowledged.append(buffer, static_cast<std::size_t>(size));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(700 * round));
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    for (ssize_t size = 0; (size = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
      acknowledged.append(buffer, static_cast<std::size_t>(size));
    }
    ::close(pipe_ends[0]);

    REQUIRE(ResultsDb::open(path, Access::read).run().state == "interrupted");
    REQUIRE_THAT(ResultsDb::open(path, Access::read).contents(Detail::figures).run.message, Contains("synth resume"));
    ResultsDb db = ResultsDb::open(path, Access::write);
    REQUIRE(db.run().state == "running");
    REQUIRE(ResultsDb::open(path, Access::read).run().state == "running");
    const auto records = db.records(true);
    const auto generators = db.generators();
    const auto count = [&](char step) {
      return static_cast<std::size_t>(std::count(acknowledged.begin(), acknowledged.end(), step));
    };
    REQUIRE(records.size() >= count('r'));
    REQUIRE(records.size() <= count('r') + 1);
    REQUIRE(generators.size() >= count('g'));
    REQUIRE(generators.size() + 1 >= records.size());
    REQUIRE(generators.size() <= records.size());
    REQUIRE(db.run().seconds == static_cast<double>(records.size()));
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Record expected = sample_record(static_cast<int>(i) + 1, 40'000);
      REQUIRE(records[i].performance == expected.performance);
      REQUIRE(records[i].evaluation.weights == expected.evaluation.weights);
    }
    db.add(sample_record(static_cast<int>(records.size()) + 1), 1e6);  // and the run goes on
  }
}

TEST_CASE("a full disk stops the run with a clear message and keeps what is recorded") {
  const Folder folder;
  const SmallDisk disk(folder / "disk");
  if (!mounted_or_skipped(disk)) return;
  const std::string path = folder / "disk/run.db";
  int recorded = 0;
  {
    ResultsDb db = ResultsDb::create(path, sample_run());
    std::string message;
    while (message.empty() && recorded < 100) {
      try {
        db.add(sample_record(recorded + 1, 10'000), recorded);
        ++recorded;
      } catch (const EnvironmentError& error) {
        message = error.what();
      }
    }
    CAPTURE(message);
    REQUIRE(recorded >= 1);
    REQUIRE(recorded < 100);
    REQUIRE_THAT(message, Contains("recorded work is kept") && Contains(path));
    REQUIRE(static_cast<int>(db.records(true).size()) == recorded);
  }
  const auto records = ResultsDb::open(path, Access::read).records(true);
  REQUIRE(static_cast<int>(records.size()) == recorded);
  REQUIRE(records.back().evaluation.weights == sample_record(recorded, 10'000).evaluation.weights);
  REQUIRE_THROWS_AS(ResultsDb::create(folder / "disk/second.db", sample_run()), EnvironmentError);
  REQUIRE_FALSE(std::filesystem::exists(folder / "disk/second.db"));
}

TEST_CASE("files that are no run database are named and left alone") {
  const Folder folder;
  for (const Access access : {Access::read, Access::write}) {
    REQUIRE_THAT(message_of(folder / "missing.db", access), Contains("does not exist"));
    REQUIRE_THAT(message_of(folder.path(), access), Contains("is a directory"));
    write_text(folder / "text.db", std::string(5000, 'x'));
    REQUIRE_THAT(message_of(folder / "text.db", access), Contains("not a run database") && Contains("text.db"));
    write_text(folder / "empty.db", "");
    REQUIRE_THAT(message_of(folder / "empty.db", access), Contains("not a run database"));
    SQLite::Database(folder / "foreign.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE IF NOT EXISTS mine (x)");
    REQUIRE_THAT(message_of(folder / "foreign.db", access), Contains("not a run database"));
    REQUIRE_FALSE(std::filesystem::exists(folder / "text.db.lock"));
  }
}

TEST_CASE("a truncated or damaged database is named") {
  const Folder folder;
  for (const int keep : {100, 4096, 20'000, 60'000}) {
    CAPTURE(keep);
    const std::string path = folder / ("cut" + std::to_string(keep));
    make_run(path, 3, 30'000);
    REQUIRE(std::filesystem::file_size(path) > 60'000);
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(keep));
    REQUIRE_THAT(message_of(path, Access::read),
                 Contains(path) && (Contains("damaged") || Contains("not a run database")));
    REQUIRE_THAT(message_of(path, Access::write), Contains(path));
  }
  const std::string path = folder / "scribbled";
  make_run(path, 1);
  SQLite::Database(path, SQLite::OPEN_READWRITE).exec("UPDATE networks SET evidence = '{\"probe_loss\": tru'");
  REQUIRE_THAT(message_of(path, Access::read), Contains("network 1") && Contains("damaged"));
}

TEST_CASE("numbers that no whole number can hold are damage, not undefined") {
  for (const char* text : {"[1,19446744073709551615]", "[1e300]", "[1.5]", "[3000000000]", "[-1e20]", "{}", "[null]"}) {
    INFO(text);
    REQUIRE_THROWS_WITH(design_from(text, "network 1"), Contains("network 1 is damaged"));
  }
  REQUIRE_THROWS_WITH(seeds_from("[-1]", "proposal 1"), Contains("-1 where a whole number belongs"));
  REQUIRE(seeds_from("[18446744073709551615]", "") == std::vector<std::uint64_t>{18446744073709551615u});
  REQUIRE(design_from("[-2147483648,2147483647]", "") == search_space::Design{-2147483648, 2147483647});
}

TEST_CASE("a run on read-only media can be read but not searched") {
  const Folder folder;
  const SmallDisk disk(folder / "disk");
  if (!mounted_or_skipped(disk)) return;
  const std::string path = folder / "disk/odd #name?%.db";
  make_run(path, 2);
  disk.make_read_only();
  REQUIRE(ResultsDb::open(path, Access::read).records(true).size() == 2);
  REQUIRE_THAT(message_of(path, Access::write), Contains("cannot write") && Contains(path));
  REQUIRE_THROWS_AS(ResultsDb::create(folder / "disk/new.db", sample_run()), EnvironmentError);
}

TEST_CASE("a database in a folder that may not be written can be read") {
  if (::geteuid() == 0) {
    WARN("skipped: permissions do not bind this user");
    SUCCEED();
    return;
  }
  const Folder folder;
  std::filesystem::create_directory(folder / "locked");
  const std::string path = folder / "locked/run.db";
  make_run(path, 2);
  std::filesystem::permissions(folder / "locked",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const std::size_t found = ResultsDb::open(path, Access::read).records(true).size();
  const std::string refusal = message_of(path, Access::write);
  std::filesystem::permissions(folder / "locked", std::filesystem::perms::owner_all);
  REQUIRE(found == 2);
  REQUIRE_THAT(refusal, Contains("cannot write"));
}
