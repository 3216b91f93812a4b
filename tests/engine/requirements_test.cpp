// The grammar of requirements: what is read, and what each mistake is answered with.
#include "synth/engine/requirements.h"

#include <catch2/catch.hpp>

#include "search_space/errors.h"

using namespace synth::engine;

TEST_CASE("requirements are read with their units") {
  const Requirements all = parse_requirements(
      "accuracy>=90%, weight_bits=8,activation_bits=8,params<=500k,macs<=50M,weight_bytes<=256KiB,"
      "peak_activation_bytes<=64KiB,latency_ms<=5");
  CHECK(all.accuracy == 0.9);
  CHECK(all.weight_bits == 8);
  CHECK(all.activation_bits == 8);
  CHECK(all.parameters == 500000);
  CHECK(all.multiply_adds == 50000000);
  CHECK(all.weight_bytes == 256 * 1024);
  CHECK(all.peak_activation_bytes == 65536);
  CHECK(all.latency_ms == 5.0);
  CHECK(parse_requirements("accuracy>=0.93").accuracy == 0.93);
  CHECK(parse_requirements("accuracy>=93%").accuracy == 0.93);
  CHECK(parse_requirements("accuracy>=prototype-1%").accuracy_below_prototype == 0.01);
  CHECK(parse_requirements("accuracy>=prototype").accuracy_below_prototype == 0.0);
  CHECK(parse_requirements("params<=1.3M").parameters == 1300000);
  CHECK(parse_requirements("activation_bits=8").weight_bits == 8);
  CHECK_FALSE(parse_requirements("").accuracy.has_value());
}

TEST_CASE("requirements on the deployed program mean an 8-bit one") {
  const Requirements deployed = parse_requirements("flash<=256KiB,ram<=64KiB,latency_cycles<=20M");
  CHECK(deployed.flash == 256 * 1024);
  CHECK(deployed.ram == 65536);
  CHECK(deployed.latency_cycles == 20'000'000);
  CHECK(deployed.weight_bits == 8);
  CHECK(deployed.activation_bits == 8);
  CHECK(to_string(deployed) == "weight_bits=8,activation_bits=8,flash<=262144,ram<=65536,latency_cycles<=20000000");
  CHECK_THROWS_WITH(parse_requirements("ram<=1KiB,weight_bits=32"), Catch::Contains("weight_bits=32"));
  CHECK_THROWS_WITH(parse_requirements("activation_bits=32,flash<=1MiB"), Catch::Contains("activation_bits=32"));
  CHECK_THROWS_WITH(parse_requirements("flash<=64kb"), Catch::Contains("unknown unit"));
}

TEST_CASE("requirements print as they are read") {
  for (const std::string text :
       {"accuracy>=90%", "accuracy>=93.5%,params<=500000", "accuracy>=prototype-1%", "accuracy>=prototype",
        "accuracy>=7%,accuracy>=prototype-2.5%,weight_bits=8,activation_bits=8,macs<=50000000,latency_ms<=5"})
    CHECK(to_string(parse_requirements(text)) == text);
}

TEST_CASE("mistakes in requirements are named and answered") {
  const auto message = [](const std::string& text) {
    try {
      parse_requirements(text);
    } catch (const search_space::InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::pair<const char*, const char*> cases[] = {{"accuracy>=90", "90%"},
                                                       {"accuracy<=90%", "accuracy>="},
                                                       {"acuracy>=90%", "did you mean 'accuracy'"},
                                                       {"params>=5k", "params<="},
                                                       {"params<=5k,params<=6k", "twice"},
                                                       {"accuracy>=90%,accuracy>=91%", "twice"},
                                                       {"accuracy>=101%", "100 %"},
                                                       {"accuracy>=-1%", "negative"},
                                                       {"accuracy>=nan", "not a finite"},
                                                       {"params<=-3", "negative"},
                                                       {"params<=0", "at least 1"},
                                                       {"params<=1e30", "too large"},
                                                       {"weight_bytes<=600000000044444494", "too large"},
                                                       {"params<=1e999", "too large"},
                                                       {"params<=5KiB", "unknown unit 'KiB'"},
                                                       {"macs<=many", "not a number"},
                                                       {"macs<=", "missing"},
                                                       {"macs", "NAME>=VALUE"},
                                                       {"weight_bits=7", "8 (integer)"},
                                                       {"weight_bits<=8", "weight_bits="},
                                                       {"weight_bits=32,activation_bits=8", "contradicts"},
                                                       {"accuracy>=prototype+1%", "prototype-1%"},
                                                       {"accuracy>=90%,,params<=5k", "empty"},
                                                       {"latency_ms<=0", "above 0"}};
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK_THAT(message(text), Catch::Matchers::Contains(expected));
  }
}
