// Specifications of data sets: what they accept, and how they refuse the rest.
#include <catch2/catch.hpp>

#include "data_fixtures.h"
#include "search_space/errors.h"

using data_fixtures::message_of;
using evaluators::parse_data_spec;
using search_space::InputError;

TEST_CASE("a data specification has a kind, a directory and options", "[data]") {
  const auto spec = parse_data_spec("imagefolder:/a,b/c=d,size=64,limit=100,classes=5,flip=0,shift=3");
  CHECK(spec.kind == "imagefolder");
  CHECK(spec.directory == "/a,b/c=d");
  CHECK(spec.size == 64);
  CHECK(spec.limit == 100);
  CHECK(spec.classes == 5);
  CHECK(spec.flip == false);
  CHECK(spec.shift == 3);
  const auto plain = parse_data_spec("shapes");
  CHECK(plain.directory.empty());
  CHECK_FALSE(plain.flip.has_value());
}

TEST_CASE("the text of a data specification parses back", "[data]") {
  for (const std::string text : {"shapes", "idx:dir,size=32,limit=10", "cifar10:/x,classes=3,flip=1,shift=0"})
    CHECK(evaluators::data_spec_text(parse_data_spec(text)) == text);
}

TEST_CASE("a bad data specification is refused with what is allowed", "[data]") {
  const auto message = [](const std::string& text) { return message_of<InputError>([&] { parse_data_spec(text); }); };
  CHECK_THAT(message("shaped"), Catch::Contains("unknown kind 'shaped'") && Catch::Contains("shapes"));
  CHECK_THAT(message("imagefoldr:/x"), Catch::Contains("imagefolder"));
  CHECK_THAT(message("shapes,sizes=32"), Catch::Contains("unknown option 'sizes'") && Catch::Contains("size"));
  CHECK_THAT(message("shapes,size=abc"), Catch::Contains("'size' is 'abc'") && Catch::Contains("8 to"));
  CHECK_THAT(message("shapes,size=-4"), Catch::Contains("'-4'"));
  CHECK_THAT(message("shapes,limit=10x"), Catch::Contains("'10x'"));
  CHECK_THAT(message("shapes,limit=99999999999999"), Catch::Contains("limit"));
  CHECK_THAT(message("shapes,classes=1"), Catch::Contains("classes"));
  CHECK_THAT(message("shapes,flip=2"), Catch::Contains("flip"));
  CHECK_THAT(message("shapes,size=32,size=64"), Catch::Contains("twice"));
  CHECK_THAT(message("shapes,size"), Catch::Contains("option=value"));
  CHECK_THAT(message("shapes:/dir"), Catch::Contains("takes no directory"));
  CHECK_THAT(message("idx"), Catch::Contains("idx:DIR"));
  CHECK_THAT(message(""), Catch::Contains("unknown kind"));
}

TEST_CASE("every kind of data can be listed", "[data]") {
  REQUIRE(evaluators::data_kinds().size() == 7);
  for (const auto& kind : evaluators::data_kinds()) CHECK_THAT(kind.description, Catch::Contains(kind.name));
}
