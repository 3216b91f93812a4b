// The spelling of figures.
#include <fmt/format.h>

#include <cmath>

#include "synth/report/table.h"

namespace synth::report {

std::string format_count(double value) {
  const double size = std::abs(value);
  const auto three_digits = [](double scaled, const char* unit) {
    const int decimals = std::abs(scaled) < 9.995 ? 2 : std::abs(scaled) < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", scaled, decimals, unit);
  };
  if (size >= 999.5e9) return three_digits(value / 1e12, "T");
  if (size >= 999.5e6) return three_digits(value / 1e9, "G");
  if (size >= 999.5e3) return three_digits(value / 1e6, "M");
  if (size >= 1000) return three_digits(value / 1e3, "k");
  return fmt::format("{:.0f}", value);
}

std::string format_bytes(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 1024.0 * 1024 * 1024) return fmt::format("{:.2f} GiB", value / (1024.0 * 1024 * 1024));
  if (value >= 1024.0 * 1024) return fmt::format("{:.2f} MiB", value / (1024.0 * 1024));
  if (value >= 1024.0) return fmt::format("{:.1f} KiB", value / 1024.0);
  return fmt::format("{} B", bytes);
}

std::string format_percent(double fraction) {
  return fmt::format("{:.2f} %", fraction * 100);
}

std::string format_seconds(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{:.1f} s", seconds);
}

std::string format_change(double from, double to) {
  if (from == 0) return to == 0 ? "0.0 %" : "new";
  return fmt::format("{:+.1f} %", (to - from) / from * 100);
}

std::string format_score(double netscore) {
  return std::isfinite(netscore) ? fmt::format("{:.2f}", netscore) : std::string("-");
}

}  // namespace synth::report
