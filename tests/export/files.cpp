// Exported files: complete or not there, and never over something that exists.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "prototypes/library.h"
#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "synth/export/export.h"
#include "synth/export/file_output.h"

using namespace synth;
using Catch::Contains;
using search_space::EnvironmentError;
using search_space::InputError;

namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "synth_export_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::string path_;
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

ExportInput sample(std::optional<std::string> weights = {}) {
  return {"residual9", prototypes::load("residual9").design, std::move(weights)};
}

}  // namespace

TEST_CASE("an exported architecture reads back as the same network") {
  const Folder folder;
  export_network(sample(), find_export_format("architecture"), folder / "a.json");
  const auto json = nlohmann::json::parse(content(folder / "a.json"));
  REQUIRE(search_space::architecture_from_json(json, "a.json") == sample().architecture);
}

TEST_CASE("every format that needs no data writes what it promises, and its verification finds changes") {
  const Folder folder;
  const std::string blob("\x08\0\0\0weights", 11);
  std::size_t files = 0;
  for (const ExportFormat& format : export_formats()) {
    CAPTURE(format.name);
    REQUIRE(format.write != nullptr);
    REQUIRE(format.verify != nullptr);
    const std::string path = folder / ("out." + format.extension);
    if (format.needs != Needs::nothing) REQUIRE_THROWS_AS(export_files(sample(), format, path), InputError);
    if (format.needs != Needs::nothing) continue;
    export_network(sample(blob), format, path);
    REQUIRE_FALSE(content(path).empty());
    REQUIRE(format.verify(sample(), path).passed);
    files += export_files(sample(), format, path).size();
    write_file(path, content(path) + "\n", true);
    REQUIRE_FALSE(format.verify(sample(), path).passed);
  }
  REQUIRE(folder.files() == files);  // no temporary file is left
  const std::string path = folder / "out.safetensors";
  export_network(sample(blob), find_export_format("weights"), path);
  REQUIRE(content(path) == blob);
  REQUIRE_THROWS_WITH(find_export_format("svgg"), Contains("svgg") && Contains("'svg'"));
}

TEST_CASE("nothing is overwritten unless asked for") {
  const Folder folder;
  const std::string path = folder / "kept";
  write_file(path, "first", false);
  REQUIRE_THROWS_WITH(write_file(path, "second", false), Contains("exists already") && Contains(path));
  REQUIRE(content(path) == "first");
  write_file(path, "second", true);
  REQUIRE(content(path) == "second");
  REQUIRE(folder.files() == 1);
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  const mode_t mask = ::umask(022);
  ::umask(mask);
  REQUIRE((found.st_mode & 0777) == (0666 & ~mask));
}

TEST_CASE("of several files none stays where one cannot be written") {
  const Folder folder;
  write_file(folder / "b", "old", false);
  REQUIRE_THROWS_AS(write_files({{folder / "a", "new"}, {folder / "b", "new"}}, false), InputError);
  REQUIRE_THROWS_AS(write_files({{folder / "a", "new"}, {folder / "no/b", "new"}}, true), EnvironmentError);
  REQUIRE(folder.files() == 1);
  REQUIRE(content(folder / "b") == "old");
  write_files({{folder / "a", "1"}, {folder / "b", "2"}}, true);
  REQUIRE(content(folder / "a") + content(folder / "b") == "12");
}

TEST_CASE("places that cannot be written are named") {
  const Folder folder;
  REQUIRE_THROWS_AS(write_file(folder / "no/such/folder/file", "x", false), EnvironmentError);
  REQUIRE_THROWS_WITH(write_file(folder / "", "x", true), Contains("is a directory"));
  REQUIRE_THROWS_AS(write_file("/dev/full/x", "x", false), EnvironmentError);
  REQUIRE(folder.files() == 0);
}
