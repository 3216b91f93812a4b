// Puts a document into the embedded page.
#include "synth/report/page.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "prototypes/embedded.h"

namespace synth::report {

using nlohmann::ordered_json;

namespace web {
const std::vector<prototypes::EmbeddedFile>& embedded_files();
}

namespace {

std::string_view part(std::string_view name) {
  for (const auto& file : web::embedded_files()) {
    if (file.name == name) return file.text;
  }
  throw std::logic_error(fmt::format("the page lacks its part '{}'", name));
}

// Text within <script>: nothing in it may end the element or begin a comment.
std::string for_script(const ordered_json& document) {
  const std::string json = document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  std::string text;
  text.reserve(json.size());
  for (const char letter : json) {
    if (letter == '<' || letter == '>' || letter == '&') {
      text += fmt::format("\\u{:04x}", letter);
    } else {
      text += letter;
    }
  }
  return text;
}

std::string policy() {
  std::string text(part("policy"));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// `policy` goes into a <meta>, `data` into the data block; neither is looked at again for placeholders.
std::string filled(const std::string& policy, const std::string& data) {
  const std::string_view page = part("page");
  constexpr std::string_view policy_place = "%POLICY%", data_place = "%DOCUMENT%";
  const std::size_t first = page.find(policy_place), second = page.find(data_place);
  if (first == std::string_view::npos || second == std::string_view::npos || second < first) {
    throw std::logic_error("the page lacks its placeholders");
  }
  const std::size_t after = first + policy_place.size();
  std::string text;
  text.reserve(page.size() + data.size() + policy.size());
  return text.append(page.substr(0, first))
      .append(policy)
      .append(page.substr(after, second - after))
      .append(data)
      .append(page.substr(second + data_place.size()));
}

}  // namespace

std::string page_html(const ordered_json& document) {
  return filled(policy(), for_script(document));
}

std::string live_page_html() {
  return filled(policy() + "; connect-src 'self'", for_script({{"schema", "synth/report/1"}, {"live", true}}));
}

std::string live_page_policy() {
  return policy() + "; connect-src 'self'; frame-ancestors 'none'";
}

}  // namespace synth::report
