// The published JSON Schemas name the module kinds of the registry and the keys that the loaders know.
#include <catch2/catch.hpp>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "prototypes/library.h"
#include "prototypes/prototype_json.h"
#include "search_space/architecture_json.h"
#include "search_space/json_reader.h"
#include "search_space/module.h"

namespace {

nlohmann::json schema(const std::string& name) {
  const std::string path = std::string(SYNTH_SOURCE_DIR) + "/docs/schemas/" + name + ".json";
  std::ifstream file(path);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return search_space::parse_json(text.str(), path);
}

void check_keys(const nlohmann::json& document, const nlohmann::json& schema) {
  for (const auto& [key, ignored] : document.items()) {
    INFO(key);
    CHECK(schema["properties"].contains(key));
  }
  for (const auto& key : schema["required"]) CHECK(document.contains(key.get<std::string>()));
}

}  // namespace

TEST_CASE("schemas list the registry's kinds") {
  nlohmann::json kinds = nlohmann::json::array();
  for (const auto* type : search_space::module_registry()) kinds.push_back(type->name());
  CHECK(schema("prototype")["$defs"]["kind"]["enum"] == kinds);
  CHECK(schema("architecture")["$defs"]["kind"]["enum"] == kinds);
}

TEST_CASE("what is written has the schemas' keys") {
  for (const auto& entry : prototypes::builtins()) {
    INFO(entry.name);
    const auto prototype = prototypes::load(entry.name);
    const nlohmann::json written = prototypes::prototype_to_json(prototype);
    check_keys(written, schema("prototype"));
    check_keys(written["stages"][0], schema("prototype")["properties"]["stages"]["items"]);
    const nlohmann::json network = search_space::architecture_to_json(prototype.design, entry.name);
    check_keys(network, schema("architecture"));
    check_keys(network["slots"][0], schema("architecture")["properties"]["slots"]["items"]);
  }
}
