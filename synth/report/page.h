// The page of report and dashboard: one HTML file with style and program inside, made from synth/web at build time.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace synth::report {

// Self-contained: it asks no other file for anything. `document`: schema synth/report/1; whatever its strings hold is
// shown as text.
std::string page_html(const nlohmann::ordered_json& document);

// The page that a dashboard serves: it asks its own server for the document.
std::string live_page_html();
// Its Content-Security-Policy, for the header.
std::string live_page_policy();

}  // namespace synth::report
