// Who may ask a dashboard: where it listens, by which names it is called, and the token that others than this machine
// need.
#pragma once

#include <string>

namespace synth::cli {

class DashboardAccess {
 public:
  // `address`: a numeric IPv4 or IPv6 address, or "localhost". Empty `token`: none is asked for, which only a loopback
  // address allows. InputError otherwise, and for tokens shorter than 16 or of other than printable ASCII letters
  // without blanks, quotes, ',', ';', '%', '+', '&', '#' and '\'.
  DashboardAccess(std::string address, std::string token);

  const std::string& address() const { return address_; }
  bool asks_token() const { return !token_.empty(); }
  bool loopback() const { return loopback_; }
  // "http://127.0.0.1:8080/", with "?token=..." where one is asked for.
  std::string url(int port) const;

  // Whether a request is this dashboard's own by its Host and Origin headers (`origin` empty: there is none): a page of
  // another origin may know the address (DNS rebinding, cross-site requests).
  bool is_own(const std::string& host, const std::string& origin, int port) const;
  // In time that does not depend on where the two differ.
  bool is_token(const std::string& given) const;
  // Whether a Cookie header, or an Authorization header "Bearer TOKEN", holds it.
  bool in_cookie(const std::string& header, int port) const;
  bool in_authorization(const std::string& header) const;
  // A Set-Cookie header that brings it back; cookies of one host are shared by its ports, so that the name tells them.
  std::string set_cookie(int port) const;

 private:
  std::string address_, token_;
  bool loopback_ = false, any_ = false;  // any_: every address of this machine
};

// 128 random bits in hexadecimal letters.
std::string random_token();
// The first line of the file, without blanks around it. InputError if it cannot be read, or others than its owner may
// read it.
std::string read_token(const std::string& path);

}  // namespace synth::cli
