// Archives from anywhere: what may be unpacked, and what is refused.
#include "synth/export/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <catch2/catch.hpp>

#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/export/export.h"
#include "synth/export/tools.h"

using namespace synth;
using Catch::Contains;
using search_space::InputError;

namespace {

struct Entry {
  std::string name, bytes;
  unsigned type = AE_IFREG;
};

// Written without any of the product's checks.
void write_archive(const std::string& path, const std::vector<Entry>& entries) {
  archive* writer = archive_write_new();
  REQUIRE(archive_write_set_format_zip(writer) == ARCHIVE_OK);
  REQUIRE(archive_write_open_filename(writer, path.c_str()) == ARCHIVE_OK);
  for (const Entry& each : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, each.name.c_str());
    archive_entry_set_filetype(entry, each.type);
    archive_entry_set_perm(entry, 0644);
    if (each.type == AE_IFLNK) archive_entry_set_symlink(entry, each.bytes.c_str());
    archive_entry_set_size(entry, each.type == AE_IFREG ? static_cast<la_int64_t>(each.bytes.size()) : 0);
    REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
    if (each.type == AE_IFREG) archive_write_data(writer, each.bytes.data(), each.bytes.size());
    archive_entry_free(entry);
  }
  REQUIRE(archive_write_close(writer) == ARCHIVE_OK);
  archive_write_free(writer);
}

std::string noise(std::size_t size) {
  search_space::Random random(7);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random.below(256));
  return bytes;
}

}  // namespace

TEST_CASE("an archive gives back what was put in, and the same bytes every time", "[archive]") {
  const WorkFolder folder;
  const std::vector<ExportFile> files = {{"net/a.txt", "text\n"}, {"net/empty", ""}, {"net/deep/b", noise(70'000)}};
  const std::string bytes = zip_archive(files);
  CHECK(bytes == zip_archive(files));
  write_bytes(folder / "a.zip", bytes);
  const auto found = read_zip_archive(folder / "a.zip");
  REQUIRE(found.size() == files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK(found[i].path == files[i].path);
    CHECK(found[i].bytes == files[i].bytes);
  }
}

TEST_CASE("archives that would write elsewhere are refused, naming the entry", "[archive]") {
  const WorkFolder folder;
  const std::string path = folder / "a.zip";
  for (const std::string name :
       {"/etc/passwd", "../up", "net/../../up", "net/..", "c:\\windows", "net\\..\\up", "n\nx"}) {
    CAPTURE(name);
    write_archive(path, {{"net/fine", "1"}, {name, "2"}});
    CHECK_THROWS_AS(read_zip_archive(path), InputError);
    CHECK_THROWS_WITH(read_zip_archive(path), Contains(path) && Contains("nothing was unpacked"));
  }
  write_archive(path, {{"net/link", "/etc/passwd", AE_IFLNK}});
  CHECK_THROWS_WITH(read_zip_archive(path), Contains("'net/link': a link"));
  write_archive(path, {{"net/a", "1"}, {"net/./a", "2"}});
  CHECK_THROWS_WITH(read_zip_archive(path), Contains("occurs twice"));
  write_archive(path, {{"net/", "", AE_IFDIR}, {"net/a", "1"}});
  CHECK(read_zip_archive(path).size() == 1);  // folders are passed over
}

TEST_CASE("archives that unpack to too much are refused while they are unpacked", "[archive]") {
  const WorkFolder folder;
  const std::string path = folder / "bomb.zip";
  write_archive(path, {{"net/zeros", std::string(10'000'000, '\0')}});
  CHECK(read_bytes(path).size() < 20'000);
  CHECK_THROWS_WITH(read_zip_archive(path, {10, 1'000'000}), Contains("net/zeros") && Contains("1000000 bytes"));
  CHECK(read_zip_archive(path, {10, 10'000'000}).size() == 1);
  std::vector<Entry> many;
  for (int i = 0; i < 11; ++i) many.push_back({"net/" + std::to_string(i), "x"});
  write_archive(path, many);
  CHECK_THROWS_WITH(read_zip_archive(path, {10, 1'000'000}), Contains("more than 10 files"));
}

TEST_CASE("truncated and damaged archives, and what is none, are refused", "[archive]") {
  const WorkFolder folder;
  const std::string path = folder / "a.zip", whole = zip_archive({{"net/a", noise(5000)}, {"net/b", noise(300)}});
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    CAPTURE(size);
    write_bytes(path, whole.substr(0, size));
    CHECK_THROWS_AS(read_zip_archive(path), InputError);
  }
  std::string damaged = whole;
  damaged[whole.size() / 3] = static_cast<char>(damaged[whole.size() / 3] ^ 0x10);
  write_bytes(path, damaged);
  CHECK_THROWS_WITH(read_zip_archive(path), Contains("damaged"));
  write_bytes(path, "no archive");
  CHECK_THROWS_WITH(read_zip_archive(path), Contains("is no zip archive"));
  CHECK_THROWS_WITH(read_zip_archive(folder / "missing.zip"), Contains("no such file"));
  CHECK_THROWS_WITH(read_zip_archive(folder / "."), Contains("is no file"));
}
