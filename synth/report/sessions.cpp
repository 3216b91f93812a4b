// Sessions and crashes as text and JSON.
#include "synth/report/sessions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

namespace synth::report {
namespace {

using nlohmann::ordered_json;

// A damaged text is shown as it is.
ordered_json parsed(const std::string& text) {
  ordered_json json = ordered_json::parse(text, nullptr, false);
  return json.is_discarded() ? ordered_json(text) : json;
}

// {"a": "1", "b": "2"} as "a 1, b 2"
std::string listed(const std::string& text) {
  std::string list;
  const ordered_json json = parsed(text);
  if (!json.is_object()) return text;
  for (const auto& [name, value] : json.items())
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", name,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return list;
}

}  // namespace

std::vector<std::pair<const char*, std::string>> session_lines(const RunView& view) {
  std::vector<std::pair<const char*, std::string>> lines;
  if (view.sessions.empty()) return lines;
  const results_db::Session& last = view.sessions.back();
  lines.emplace_back(
      "processor", fmt::format("{}; {}; own kernels {}; bf16 {}", last.processor, fmt::join(last.instruction_sets, " "),
                               last.kernels, last.bf16 ? "yes" : "no"));
  lines.emplace_back("limited by", listed(last.limits));
  lines.emplace_back("versions", listed(last.versions));
  std::string sessions = fmt::format("{}", view.sessions.size());
  for (const results_db::Session& session : view.sessions)
    if (session.other_processor) sessions += fmt::format(", session {} on another processor", session.id);
  lines.emplace_back("sessions", sessions);
  std::string crashes;
  for (const results_db::Crash& crash : view.crashes)
    crashes += fmt::format("{}network {} ({} while {}, session {})", crashes.empty() ? "" : ", ", crash.network,
                           crash.signal, crash.phase, crash.session);
  lines.emplace_back("crashes", crashes);
  return lines;
}

ordered_json sessions_json(const RunView& view) {
  ordered_json sessions = ordered_json::array();
  for (const results_db::Session& session : view.sessions) {
    sessions.push_back({{"id", session.id},
                        {"began", session.began},
                        {"processor", session.processor},
                        {"instruction_sets", session.instruction_sets},
                        {"kernels", session.kernels},
                        {"bf16", session.bf16},
                        {"versions", parsed(session.versions)},
                        {"limits", parsed(session.limits)},
                        {"on_other_processor", session.other_processor}});
  }
  return sessions;
}

ordered_json crashes_json(const RunView& view) {
  ordered_json crashes = ordered_json::array();
  for (const results_db::Crash& crash : view.crashes) {
    crashes.push_back({{"session", crash.session},
                       {"id", crash.network},
                       {"key", crash.key},
                       {"signal", crash.signal},
                       {"phase", crash.phase}});
  }
  return crashes;
}

}  // namespace synth::report
