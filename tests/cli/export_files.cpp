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
  export_network(sample(), "architecture", folder / "a.json");
  const auto json = nlohmann::json::parse(content(folder / "a.json"));
  REQUIRE(search_space::architecture_from_json(json, "a.json") == sample().architecture);
}

TEST_CASE("every format writes what it promises") {
  const Folder folder;
  const std::string blob("\x08\0\0\0weights", 11);
  for (const ExportFormat& format : export_formats()) {
    CAPTURE(format.name);
    const std::string path = folder / ("out." + format.extension);
    export_network(sample(blob), format.name, path);
    REQUIRE_FALSE(content(path).empty());
    if (format.needs_weights) REQUIRE_THROWS_AS(export_bytes(sample(), format.name), InputError);
    if (!format.needs_weights) REQUIRE(export_bytes(sample(), format.name) == content(path));
  }
  REQUIRE(content(folder / "out.safetensors") == blob);
  REQUIRE(folder.files() == export_formats().size());  // no temporary file is left
  REQUIRE_THROWS_WITH(export_bytes(sample(), "svgg"), Contains("svgg") && Contains("'svg'"));
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

TEST_CASE("places that cannot be written are named") {
  const Folder folder;
  REQUIRE_THROWS_AS(write_file(folder / "no/such/folder/file", "x", false), EnvironmentError);
  REQUIRE_THROWS_WITH(write_file(folder / "", "x", true), Contains("is a directory"));
  REQUIRE_THROWS_AS(write_file("/dev/full/x", "x", false), EnvironmentError);
  REQUIRE(folder.files() == 0);
}
