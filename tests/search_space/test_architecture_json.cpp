// Malformed architectures: every one is refused with a message that names the place.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "search_space/json_reader.h"
#include "search_space/lowering.h"

using namespace search_space;
using Catch::Contains;

namespace {

nlohmann::json valid() {
  return parse_json(R"({
    "schema": "synth/architecture/1",
    "input": {"channels": 3, "height": 32, "width": 32},
    "classes": 10,
    "stem": [{"op": "conv", "width": 16, "kernel": 3, "stride": 1}],
    "slots": [
      {"stage": 1, "stride": 2, "width": 32, "module": {"kind": "vac", "parameters": {"down": 8, "embedding": 12, "groups": 4}}},
      {"stage": 1, "stride": 1, "width": 32, "module": {"kind": "skip", "parameters": {}}},
      {"stage": 2, "stride": 2, "width": 64, "module": {"kind": "pepe", "parameters": {"projection1": 8, "multiplier": 2, "projection2": 8}}}
    ]})",
                    "test");
}

struct Fault {
  const char* path;   // JSON pointer of the value to replace
  const char* value;  // its replacement
  const char* place;  // what the message must name
  const char* cause;
};

}  // namespace

TEST_CASE("the valid document is read") {
  const Architecture architecture = architecture_from_json(valid(), "net.json");
  CHECK(architecture.slots.size() == 3);
  CHECK(lower(architecture).nodes.back().output == Shape{10, 1, 1});
}

TEST_CASE("every fault is named with its place") {
  const Fault faults[] = {
      {"/schema", "\"synth/architecture/2\"", "schema", "synth/architecture/1"},
      {"/classes", "1", "classes", "from 2"},
      {"/classes", "\"ten\"", "classes", "\"ten\""},
      {"/classes", "1e300", "classes", "whole numbers"},
      {"/classes", "18446744073709551615", "classes", "whole numbers"},
      {"/input", "[3, 32, 32]", "input", "object"},
      {"/input/height", "0", "input.height", "from 1"},
      {"/input/colour", "3", "input", "unknown key 'colour'"},
      {"/stem/0/op", "\"convv\"", "stem[0].op", "did you mean 'conv'"},
      {"/stem/0/kernel", "4", "stem[0].kernel", "odd"},
      {"/stem/0/width", "99999999999", "stem[0].width", "99999999999"},
      {"/slots/0/stride", "3", "slots[0].stride", "3"},
      {"/slots/0/stage", "2", "slots[0].stage", "1"},
      {"/slots/1/width", "64", "slots[1].width", "one width"},
      {"/slots/1/stride", "2", "slots[1].module", "stride 1"},
      {"/slots/0/module/kind", "\"vacc\"", "slots[0].module.kind", "did you mean 'vac'"},
      {"/slots/0/module/parameters/groups", "3", "slots[0].module.parameters.groups", "divide down = 8"},
      {"/slots/0/module/parameters/down", "-8", "slots[0].module.parameters.down", "from 1"},
      {"/slots/0/module/parameters/dwn", "8", "slots[0].module.parameters", "did you mean 'down'"},
      {"/slots/1/module",
       R"({"kind": "inverted_residual_v3",
           "parameters": {"expanded": 96, "kernel": 3, "squeeze_excite": 2, "hard_swish": 0}})",
       "slots[1].module.parameters.squeeze_excite", "from 0 to 1"},
      {"/slots/2/module/parameters", "{}", "slots[2].module.parameters", "'projection1' is missing"},
      {"/slots/2/activation", "\"tanh\"", "slots[2].activation", "relu"},
      {"/slots/2/shortcut", "\"residul\"", "slots[2].shortcut", "did you mean 'residual'"},
      {"/slots", "{}", "slots", "array"},
      {"/head", "{\"hidden\": 1.5}", "head.hidden", "1.5"},
      {"/name", "7", "name", "a text is needed"},
      {"/name", "\"two\\nlines\"", "name", "control character (code 10)"},
      {"/name", "\"\\u001b[31mred\"", "name", "control character (code 27)"},
      {"/description", "[]", "description", "a text is needed"},
  };
  for (const Fault& fault : faults) {
    INFO(fault.path << " = " << fault.value);
    nlohmann::json json = valid();
    json[nlohmann::json::json_pointer(fault.path)] = nlohmann::json::parse(fault.value);
    CHECK_THROWS_AS(architecture_from_json(json, "net.json"), InputError);
    CHECK_THROWS_WITH(architecture_from_json(json, "net.json"),
                      Contains("net.json") && Contains(fault.place) && Contains(fault.cause));
  }
}

TEST_CASE("a list of what is allowed is printed once") {
  for (const char* kind : {"\"frobnicator\"", "\"vacc\""}) {
    nlohmann::json json = valid();
    json["slots"][0]["module"]["kind"] = nlohmann::json::parse(kind);
    std::string message;
    try {
      architecture_from_json(json, "net.json");
    } catch (const InputError& error) {
      message = error.what();
    }
    const std::size_t first = message.find("bottleneck");
    CHECK(first != std::string::npos);
    CHECK(message.find("bottleneck", first + 1) == std::string::npos);
  }
}

TEST_CASE("an input too small for the strides is refused") {
  nlohmann::json json = valid();
  json["input"]["height"] = 2;
  CHECK_THROWS_WITH(architecture_from_json(json, "net.json"), Contains("slots[2]") && Contains("too small"));
}

TEST_CASE("a network beyond counting is refused, not overflowed") {
  nlohmann::json json = valid();
  json["input"] = {{"channels", 65536}, {"height", 16384}, {"width", 16384}};
  json["stem"][0] = {{"op", "conv"}, {"width", 65536}, {"kernel", 15}};
  CHECK_THROWS_WITH(architecture_from_json(json, "net.json"), Contains("too large"));
}

TEST_CASE("text that is not JSON, or repeats a key, is refused") {
  CHECK_THROWS_WITH(parse_json("{\"a\": 1,", "net.json"), Contains("net.json") && Contains("line 1"));
  CHECK_THROWS_WITH(parse_json("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}", "net.json"), Contains("'a' appears twice"));
  CHECK_NOTHROW(parse_json("{\"a\": 1, \"b\": [{\"a\": 2}, {\"a\": 3}]}", "net.json"));
  CHECK_THROWS_AS(parse_json("", "net.json"), InputError);
  CHECK_THROWS_AS(architecture_from_json(nlohmann::json::array(), "net.json"), InputError);
}

TEST_CASE("two spellings of one network have one key") {
  Architecture plain = architecture_from_json(valid(), "net.json");
  Architecture respelt = plain;
  respelt.slots[1].shortcut = Shortcut::identity;  // an identity is possible here: the same network
  CHECK(respelt.key() == plain.key());
  respelt.slots[0].shortcut = Shortcut::identity;  // here it is not: the convolution on the shortcut vanishes
  CHECK(respelt.key() != plain.key());
  Architecture none = respelt;
  none.slots[0].shortcut = Shortcut::none;
  CHECK(none.key() == respelt.key());
}
