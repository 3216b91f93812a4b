// Who may ask a dashboard: names, addresses, tokens.
#include "synth/cli/dashboard_access.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "search_space/errors.h"
#include "tests/cli/program.h"

using namespace synth::cli;
using cli_test::TemporaryFolder;
using cli_test::write_text;
using search_space::InputError;

namespace {

const std::string token = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("only loopback does without a token", "[cli][dashboard]") {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "localhost", "::1"}) {
    CAPTURE(address);
    CHECK_FALSE(DashboardAccess(address, "").asks_token());
    CHECK(DashboardAccess(address, token).asks_token());
  }
  for (const char* address : {"0.0.0.0", "192.168.1.5", "::", "fe80::1"}) {
    CAPTURE(address);
    CHECK_THROWS_AS(DashboardAccess(address, ""), InputError);
    CHECK(DashboardAccess(address, token).asks_token());
  }
  for (const char* address : {"", "example.org", "1270.0.0.1", "127.0.0.1:80", "127.evil.example"}) {
    CAPTURE(address);
    CHECK_THROWS_AS(DashboardAccess(address, token), InputError);
  }
  for (const char* bad :
       {"short", "0123456789abcdef 123", "0123456789abcdef;x=y", "0123456789abcdef\"", "0123456789abcde\x01"}) {
    CHECK_THROWS_AS(DashboardAccess("127.0.0.1", bad), InputError);
  }
}

TEST_CASE("a dashboard knows its own names and no others", "[cli][dashboard]") {
  const DashboardAccess local("127.0.0.1", "");
  CHECK(local.is_own("127.0.0.1:8080", "", 8080));
  CHECK(local.is_own("localhost:8080", "http://localhost:8080", 8080));
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:80", "evil.example:8080", "", ":8080", "[::1]:8080", "127.0.0.1:8080:8080"})
    CHECK_FALSE(local.is_own(host, "", 8080));
  for (const char* origin : {"null", "https://127.0.0.1:8080", "http://localhost:8080", "http://127.0.0.1:8080/"})
    CHECK_FALSE(local.is_own("127.0.0.1:8080", origin, 8080));
  const DashboardAccess one("192.168.1.5", token), all("0.0.0.0", token), six("fe80::1", token);
  CHECK(one.is_own("192.168.1.5:8080", "", 8080));
  CHECK(six.is_own("[fe80::1]:8080", "", 8080));
  CHECK(all.is_own("10.1.2.3:8080", "http://10.1.2.3:8080", 8080));
  CHECK(all.is_own("[2001:db8::1]:8080", "", 8080));
  for (const char* host : {"127.0.0.1:8080", "192.168.1.6:8080", "evil.example:8080"})
    CHECK_FALSE(one.is_own(host, "", 8080));
  for (const char* host : {"evil.example:8080", "10.1.2.3.evil.example:8080", "[evil]:8080"})
    CHECK_FALSE(all.is_own(host, "", 8080));
}

TEST_CASE("a token is found where it may stand, and nothing else is taken for it", "[cli][dashboard]") {
  const DashboardAccess access("0.0.0.0", token);
  CHECK(access.is_token(token));
  CHECK(access.in_authorization("Bearer " + token));
  CHECK(access.in_cookie("synth-8080=" + token, 8080));
  CHECK(access.in_cookie("a=b; synth-8080=wrong; synth-8080=" + token + "; c=d", 8080));
  std::string close = token;
  close.back() = '0';
  for (const std::string& wrong : {std::string(), close, token + "0", token.substr(1), std::string(32, '\0')}) {
    CHECK_FALSE(access.is_token(wrong));
    CHECK_FALSE(access.in_authorization("Bearer " + wrong));
    CHECK_FALSE(access.in_cookie("synth-8080=" + wrong, 8080));
  }
  CHECK_FALSE(access.in_cookie("synth-8081=" + token, 8080));
  CHECK_FALSE(access.in_cookie("xsynth-8080=" + token, 8080));
  CHECK_FALSE(access.in_authorization("Basic " + token));
  CHECK_FALSE(DashboardAccess("127.0.0.1", "").is_token(""));
  CHECK(access.in_cookie(access.set_cookie(8080), 8080));
  CHECK(random_token().size() == 32);
  CHECK(random_token() != random_token());
}

TEST_CASE("a token is read from a file of its owner alone", "[cli][dashboard]") {
  const TemporaryFolder folder;
  const std::string file = folder / "token";
  write_text(file, "  " + token + "\r\nmore\n");
  ::chmod(file.c_str(), 0644);
  CHECK_THROWS_AS(read_token(file), InputError);
  ::chmod(file.c_str(), 0600);
  CHECK(read_token(file) == token);
  CHECK_THROWS_AS(read_token(folder / "none"), InputError);
}
