// Names, addresses and tokens of a dashboard.
#include "synth/cli/dashboard_access.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "search_space/errors.h"
#include "synth/cli/files.h"

namespace synth::cli {
namespace {

using search_space::InputError;

constexpr std::size_t shortest_token = 16;

bool is_ipv4(const std::string& text) {
  in_addr found{};
  return inet_pton(AF_INET, text.c_str(), &found) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr found{};
  return inet_pton(AF_INET6, text.c_str(), &found) == 1;
}

// As it stands in an address of the web.
std::string named(const std::string& address) {
  return is_ipv6(address) ? "[" + address + "]" : address;
}

std::string machine() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

void check_token(const std::string& token) {
  const auto odd = [](unsigned char c) {
    return c <= ' ' || c > '~' || std::string_view("\"',;%+&#\\").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (token.size() >= shortest_token && std::none_of(token.begin(), token.end(), odd)) return;
  throw InputError(
      fmt::format("synth dashboard: the token: found {} characters, needed are {} or more, letters and digits; "
                  "'openssl rand -hex 16' "
                  "makes one",
                  token.size(), shortest_token));
}

}  // namespace

DashboardAccess::DashboardAccess(std::string address, std::string token)
    : address_(std::move(address)), token_(std::move(token)) {
  if (address_ != "localhost" && !is_ipv4(address_) && !is_ipv6(address_)) {
    throw InputError(
        fmt::format("synth dashboard: --listen: found '{}', allowed is an address of this machine such as 192.168.1.5, "
                    "0.0.0.0 for all",
                    search_space::printable(address_)));
  }
  loopback_ = address_ == "localhost" || address_ == "::1" || address_.rfind("127.", 0) == 0;
  any_ = address_ == "0.0.0.0" || address_ == "::";
  if (!token_.empty()) {
    check_token(token_);
  } else if (!loopback_) {
    throw InputError(fmt::format(
        "synth dashboard: --listen {}: others can connect there, so that a token is needed: --token-file", address_));
  }
}

std::string DashboardAccess::url(int port) const {
  const std::string host = any_ ? machine() : address_;
  return fmt::format("http://{}:{}/{}", named(host), port, token_.empty() ? "" : "?token=" + token_);
}

bool DashboardAccess::is_own(const std::string& host, const std::string& origin, int port) const {
  const std::string suffix = fmt::format(":{}", port);
  if (!host.ends_with(suffix)) return false;
  if (!origin.empty() && origin != "http://" + host) return false;
  const std::string name = host.substr(0, host.size() - suffix.size());
  if (loopback_ && (name == "127.0.0.1" || name == "localhost")) return true;
  if (name == named(address_) || (!loopback_ && name == machine())) return true;
  // A name could be made to mean this machine; a number cannot.
  const bool bracketed = name.size() > 2 && name.front() == '[' && name.back() == ']';
  return any_ && (is_ipv4(name) || (bracketed && is_ipv6(name.substr(1, name.size() - 2))));
}

bool DashboardAccess::is_token(const std::string& given) const {
  if (given.size() != token_.size() || token_.empty()) return false;
  volatile unsigned char different = 0;
  for (std::size_t i = 0; i < given.size(); ++i)
    different = different | static_cast<unsigned char>(given[i] ^ token_[i]);
  return different == 0;
}

bool DashboardAccess::in_cookie(const std::string& header, int port) const {
  const std::string name = fmt::format("synth-{}=", port);
  bool found = false;
  for (std::size_t begin = 0; begin <= header.size();) {
    const std::size_t end = std::min(header.find(';', begin), header.size());
    const std::string part = trimmed(header.substr(begin, end - begin));
    if (part.rfind(name, 0) == 0) found = is_token(part.substr(name.size())) || found;
    begin = end + 1;
  }
  return found;
}

bool DashboardAccess::in_authorization(const std::string& header) const {
  const std::string scheme = "Bearer ";
  return header.rfind(scheme, 0) == 0 && is_token(header.substr(scheme.size()));
}

std::string DashboardAccess::set_cookie(int port) const {
  return fmt::format("synth-{}={}; Path=/; HttpOnly; SameSite=Strict", port, token_);
}

std::string random_token() {
  std::random_device random;  // the system's
  std::string token;
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", static_cast<std::uint32_t>(random()));
  return token;
}

std::string read_token(const std::string& path) {
  const std::string text = read_file(path, "synth dashboard: --token-file ");
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    throw InputError(
        fmt::format("synth dashboard: --token-file {0}: others may read it; 'chmod 600 {0}' keeps it to you",
                    search_space::printable(path)));
  }
  return trimmed(text.substr(0, text.find('\n')));
}

}  // namespace synth::cli
