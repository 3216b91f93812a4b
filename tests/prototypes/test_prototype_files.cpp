// Prototypes written by users: the short form, every fault, and the options that adapt a prototype to a data set.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "prototypes/prototype_json.h"
#include "search_space/architecture_json.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/json_reader.h"
#include "search_space/lowering.h"
#include "search_space/random.h"
#include "search_space/search_space.h"

using Catch::Contains;
using search_space::InputError;

namespace {

constexpr const char* short_form = R"({
  "schema": "synth/prototype/1",
  "input": {"channels": 1, "height": 28, "width": 28},
  "classes": 10,
  "stem": [{"width": 16}],
  "kinds": ["vac", "pepe", "skip"],
  "stages": [
    {"width": 32, "stride": 2, "slots": 2, "module": "bottleneck"},
    {"width": 64, "stride": 2, "slots": ["conv", {"module": {"kind": "vac", "parameters": {"down": 16, "embedding": 16, "groups": 16}}, "kinds": ["conv"]}], "widths": [32, 48]}
  ]})";

nlohmann::json valid() {
  return search_space::parse_json(short_form, "mine.json");
}

class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& text)
      : path_(std::filesystem::temp_directory_path() / name) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Fault {
  const char *path, *value, *place, *cause;
};

}  // namespace

TEST_CASE("a user's short prototype is read, and lists mean 'where shapes permit'") {
  const auto prototype = prototypes::prototype_from_json(valid(), "mine.json");
  REQUIRE(prototype.design.slots.size() == 4);
  CHECK(prototype.design.slots[0].module.at("inner") == 8);
  CHECK(prototype.kinds[0] == std::vector<std::string>{"vac", "pepe", "bottleneck"});
  CHECK(prototype.kinds[1] == std::vector<std::string>{"vac", "pepe", "skip", "bottleneck"});
  CHECK(prototype.kinds[3] == std::vector<std::string>{"conv", "vac"});
  CHECK(prototype.stage_widths[1] == std::vector<int>{32, 48, 64});
  const search_space::SearchSpace space(prototype);
  CHECK(space.decode(space.prototype()) == prototype.design);
}

TEST_CASE("a prototype survives writing and reading") {
  for (const auto& entry : prototypes::builtins()) {
    INFO(entry.name);
    const auto prototype = prototypes::load(entry.name);
    const auto text = prototypes::prototype_to_json(prototype).dump();
    const auto read = prototypes::prototype_from_json(search_space::parse_json(text, "again"), "again");
    CHECK(read.design == prototype.design);
    CHECK(read.kinds == prototype.kinds);
    CHECK(read.stage_widths == prototype.stage_widths);
    CHECK(read.stem_widths == prototype.stem_widths);
    CHECK(read.minimum_size == prototype.minimum_size);
    CHECK(read.channel_multiple == prototype.channel_multiple);
  }
}

TEST_CASE("every fault of a prototype is named with its place") {
  const Fault faults[] = {
      {"/schema", "\"synth/protoype/1\"", "schema", "did you mean"},
      {"/classes", "1", "classes", "from 2"},
      {"/colour", "1", "document", "unknown key 'colour'"},
      {"/kinds/0", "\"vak\"", "kinds[0]", "did you mean 'vac'"},
      {"/kinds/1", "\"vac\"", "kinds[1]", "twice"},
      {"/stages", "[]", "stages", "at least one"},
      {"/stages/0/width", "30", "stages[0].width", "multiples of 4"},
      {"/stages/0/width", "1e9", "stages[0].width", "whole numbers"},
      {"/stages/0/slots", "0", "stages[0].slots", "from 1"},
      {"/stages/0/slots", "[]", "stages[0].slots", "at least one"},
      {"/stages/0/slots", "2000000000", "stages[0].slots", "2000000000"},
      {"/stages/0/module", "\"skip\"", "stages[0].module", "stride 1"},
      {"/stages/0/module",
       "{\"kind\": \"grouped\", \"parameters\": {\"compress\": 8, \"grouped\": 12, \"groups\": 8, \"mix\": 8}}",
       "stages[0].module.parameters.groups", "divide grouped = 12"},
      {"/stages/0/stride", "0", "stages[0].stride", "from 1"},
      {"/stages/1/widths", "[31]", "stages[1].widths[0]", "multiples of 4"},
      {"/stages/1/slots/0", "\"konv\"", "stages[1].slots[0]", "did you mean 'conv'"},
      {"/stages/1/slots/0", "{\"module\": \"conv\", \"kinds\": [\"skip\"]}", "stage2.slot1", "skip"},
      {"/stages/1/slots/1/module/parameters/down", "6", "stages[1].slots[1].module.parameters.down", "multiples of 4"},
      {"/stem", "[{\"width\": 16}, {\"width\": 16, \"stride\": 5}]", "stem[1].stride", "1 to 4"},

      {"/stem_widths", "[4, \"8\"]", "stem_widths[1]", "\"8\""},
      {"/channel_multiple", "0", "channel_multiple", "from 1"},
      {"/sizes", "{\"smallest\": 64}", "input", "28 x 28"},
      {"/input", "{\"channels\": 1, \"height\": 2, \"width\": 28}", "mine.json", "too small"},
      {"/role", "\"referenc\"", "role", "did you mean 'reference'"},
  };
  for (const Fault& fault : faults) {
    INFO(fault.path << " = " << fault.value);
    nlohmann::json json = valid();
    json[nlohmann::json::json_pointer(fault.path)] = nlohmann::json::parse(fault.value);
    CHECK_THROWS_AS(prototypes::prototype_from_json(json, "mine.json"), InputError);
    CHECK_THROWS_WITH(prototypes::prototype_from_json(json, "mine.json"),
                      Contains("mine.json") && Contains(fault.place) && Contains(fault.cause));
  }
}

TEST_CASE("a space whose largest network is beyond counting is refused before a search meets it") {
  nlohmann::json json = valid();
  json["input"] = {{"channels", 1}, {"height", 16384}, {"width", 16384}};
  json["kinds"] = {"conv"};
  json["stages"][0]["slots"] = 4;
  json["stages"][0]["widths"] = json["stages"][1]["widths"] = {65536};
  CHECK_THROWS_WITH(prototypes::prototype_from_json(json, "mine.json"),
                    Contains("largest open widths") && Contains("too large"));
}

TEST_CASE("a prototype cut off anywhere, or with any value replaced, is refused or read, never worse") {
  const std::string text = short_form;
  for (std::size_t length = 0; length + 1 < text.size(); length += 7) {
    CHECK_THROWS_AS(search_space::parse_json(std::string_view(text).substr(0, length), "mine.json"), InputError);
  }
  const nlohmann::json flat = valid().flatten();
  const nlohmann::json hostile[] = {nullptr,
                                    -1,
                                    0,
                                    1 << 30,
                                    1e300,
                                    18446744073709551615ULL,
                                    "",
                                    "skip",
                                    true,
                                    nlohmann::json::array(),
                                    nlohmann::json::object()};
  for (const auto& [pointer, ignored] : flat.items()) {
    for (const nlohmann::json& value : hostile) {
      nlohmann::json json = valid();
      json[nlohmann::json::json_pointer(pointer)] = value;
      INFO(pointer << " = " << value.dump());
      try {
        cost_of(lower(prototypes::prototype_from_json(json, "mine.json").design));
      } catch (const InputError& error) {
        REQUIRE(std::string(error.what()).find("mine.json") == 0);
      }
    }
  }
}

TEST_CASE("prototypes and architectures are loaded from files") {
  const TemporaryFile prototype("synth_test_prototype.json", short_form);
  CHECK(prototypes::load(prototype.path() + ",classes=7").design.classes == 7);

  const search_space::SearchSpace space(prototypes::load("residual9"));
  search_space::Design design = space.prototype();
  design[1] = 0;
  const auto architecture = space.decode(space.canonical(design));
  const TemporaryFile file("synth_test_architecture.json", search_space::architecture_to_json(architecture).dump());
  const auto loaded = prototypes::load(file.path());
  CHECK(loaded.design == architecture);
  CHECK(loaded.kinds[0] == std::vector<std::string>{"bottleneck"});
  CHECK_THROWS_WITH(prototypes::load("/nowhere/at_all.json"), Contains("/nowhere/at_all.json"));

  auto json = search_space::architecture_to_json(architecture, "my network");
  const TemporaryFile named("synth_test_named.json", json.dump());
  CHECK(prototypes::load(named.path()).name == "my network");
  json.erase("schema");
  const TemporaryFile bare("synth_test_bare.json", json.dump());
  CHECK_THROWS_WITH(prototypes::load(bare.path()), Contains("key 'schema' is missing") &&
                                                       Contains("synth/architecture/1") &&
                                                       Contains("synth/prototype/1"));
  json["schema"] = "synth/network/1";
  const TemporaryFile other("synth_test_other.json", json.dump());
  CHECK_THROWS_WITH(prototypes::load(other.path()), Contains("synth/network/1") && Contains("synth/architecture/1"));
  json["schema"] = "synth/architecture/1";
  json["slots"] = nlohmann::json::array();
  const TemporaryFile empty("synth_test_empty.json", json.dump());
  CHECK_THROWS_WITH(prototypes::load(empty.path()), "my network: slots: found no slot; a network needs at least one");
}

TEST_CASE("options adapt a prototype") {
  const auto design = prototypes::load("residual9,classes=12,size=40x36,channels=1,width=0.5").design;
  CHECK(design.classes == 12);
  CHECK(design.input == search_space::Shape{1, 40, 36});
  CHECK(design.slots[0].width == 32);
  CHECK(design.slots[0].module.at("inner") == 8);
  CHECK(design.stem[0].width == 8);
  const auto adaptation = prototypes::adaptation_of("residual9,size=40");
  CHECK(adaptation.height == 40);
  CHECK(adaptation.width == 40);
  CHECK(adaptation.classes == 0);
  CHECK(adaptation.width_factor == 1.0);
}

TEST_CASE("every built-in can be narrowed, shrunk and searched thereafter") {
  for (const auto& entry : prototypes::builtins()) {
    for (const char* options : {",width=0.25", ",width=0.33,classes=2", ",width=1.4", ",width=0.001,channels=1"}) {
      INFO(entry.name << options);
      const search_space::SearchSpace space(prototypes::load(entry.name + options));
      CHECK(space.decode(space.prototype()) == space.source().design);
      search_space::Random random(3);
      for (int i = 0; i < 10; ++i) {
        search_space::Design design;
        for (const auto& decision : space.decisions()) design.push_back(random.below(decision.size()));
        REQUIRE_NOTHROW(space.cost(design));
      }
    }
  }
}

TEST_CASE("wrong specifications are refused with the nearest name") {
  CHECK_THROWS_WITH(prototypes::load("residual8"), Contains("did you mean 'residual9'"));
  // The beginning of one name, though another differs from it in a single letter.
  CHECK_THROWS_WITH(prototypes::load("mobilenet_v3"), Contains("did you mean 'mobilenet_v3_small'"));
  CHECK_THROWS_WITH(prototypes::load("mobilenet_v4"), Contains("did you mean 'mobilenet_v1'"));
  CHECK_THROWS_WITH(prototypes::load("residual9,clases=3"), Contains("did you mean 'classes'"));
  CHECK_THROWS_WITH(prototypes::load("residual9,classes"), Contains("classes=VALUE"));
  CHECK_THROWS_WITH(prototypes::load("residual9,classes=1"), Contains("2 to"));
  CHECK_THROWS_WITH(prototypes::load("residual9,size=32x"), Contains("size"));
  CHECK_THROWS_WITH(prototypes::load("residual9,size=224x"), Contains("'224x'") && Contains("size=HxW"));
  CHECK_THROWS_WITH(prototypes::load("residual9,size=x224"), Contains("'x224'"));
  CHECK_THROWS_WITH(prototypes::load("residual9,size=64X64"), Contains("'64X64'") && Contains("size=HxW"));
  CHECK_THROWS_WITH(prototypes::load("residual9,CLASSES=10"), Contains("did you mean 'classes'"));
  CHECK_THROWS_WITH(prototypes::load("mobilenet_v1,"), Contains("missing after a comma"));
  CHECK_THROWS_WITH(prototypes::load("mobilenet_v1,,classes=3"), Contains("missing after a comma"));
  CHECK_THROWS_WITH(prototypes::load("residual9,width=0.5,width=0.25"), Contains("width: is given twice"));
  CHECK(prototypes::load("residual9, classes = 7").design.classes == 7);
  CHECK_THROWS_WITH(prototypes::load("AttoNet-A"), Contains("did you mean 'attonet_a'"));
  CHECK_THROWS_WITH(prototypes::load("ResNet50"), Contains("did you mean 'resnet50'"));
  CHECK_THROWS_WITH(prototypes::load("attendnet_styl"), Contains("did you mean 'attendnet_style'"));
  CHECK_THROWS_WITH(prototypes::load("attendnet_b"), Contains("did you mean 'attendnet_se"));
  CHECK_THROWS_WITH(prototypes::load("vgg16"), Contains("known: ") && Contains("mobilenet_v1"));
  CHECK_THROWS_WITH(prototypes::load("residual9,width=nan"), Contains("width"));
  CHECK_THROWS_WITH(prototypes::load("residual9,width=1e400"), Contains("width"));
  CHECK_THROWS_WITH(prototypes::load("residual16,size=32"), Contains("32 x 32") && Contains("64"));
  CHECK_THROWS_AS(prototypes::load(""), InputError);
  CHECK_THROWS_AS(prototypes::load(","), InputError);
}
