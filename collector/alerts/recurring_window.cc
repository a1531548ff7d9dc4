#include "collector/alerts/recurring_window.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/base/text.h"

namespace edgefeed {
namespace {

using std::chrono::minutes;

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr minutes kDay{24 * 60};
constexpr minutes kMostEast{14 * 60};
// 1970-01-01 was a Thursday.
constexpr std::int64_t kFirstDay = 3;

Error Wrong(std::string_view text, std::string_view why) {
  return {Code::kInvalidArgument, "window '" + std::string(text) + "': " + std::string(why) +
                                      " (as \"Mon-Fri 22:00-06:00 +01:00\")"};
}

std::optional<std::size_t> DayFrom(std::string_view text) {
  const auto* const found = std::ranges::find(kDays, text);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

// "22:00", up to "24:00".
std::optional<minutes> ClockFrom(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = ParseNumber<unsigned>(text.substr(0, 2));
  const auto minute = ParseNumber<unsigned>(text.substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const minutes time{*hour * 60 + *minute};
  if (time > kDay) return std::nullopt;
  return time;
}

std::optional<minutes> OffsetFrom(std::string_view text) {
  if (text == "UTC") return minutes(0);
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto offset = ClockFrom(text.substr(1));
  if (!offset || *offset > kMostEast) return std::nullopt;
  return text[0] == '-' ? -*offset : *offset;
}

// "Mon-Fri" or "Sat"; a range may go over Sunday.
bool AddDays(std::string_view text, std::array<bool, 7>& days) {
  const auto dash = text.find('-');
  const auto first = DayFrom(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : DayFrom(text.substr(dash + 1));
  if (!first || !last) return false;
  for (std::size_t day = *first;; day = (day + 1) % days.size()) {
    days[day] = true;
    if (day == *last) return true;
  }
}

bool ReadDays(std::string_view text, std::array<bool, 7>& days) {
  while (true) {
    const auto comma = text.find(',');
    if (!AddDays(text.substr(0, comma), days)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> Fields(std::string_view text) {
  std::vector<std::string_view> fields;
  while (const auto field = NextField(text)) fields.push_back(*field);
  return fields;
}

}  // namespace

Result<RecurringWindow> RecurringWindow::Parse(std::string_view text) {
  RecurringWindow window;
  auto fields = Fields(text);
  if (!fields.empty() && std::ranges::find(fields[0], ':') == fields[0].end()) {
    if (!ReadDays(fields[0], window.days_)) return Wrong(text, "days are Mon to Sun");
    fields.erase(fields.begin());
  } else {
    window.days_.fill(true);
  }
  if (fields.empty() || fields.size() > 2) return Wrong(text, "wants days, times and a time zone");
  if (fields.size() == 2) {
    const auto offset = OffsetFrom(fields[1]);
    if (!offset) return Wrong(text, "a time zone is UTC, or as +01:00, up to 14:00");
    window.offset_ = *offset;
  }
  const auto dash = fields[0].find('-');
  const auto from = ClockFrom(fields[0].substr(0, dash));
  const auto to =
      dash == std::string_view::npos ? std::nullopt : ClockFrom(fields[0].substr(dash + 1));
  if (!from || !to) return Wrong(text, "times are HH:MM-HH:MM");
  if (*from == *to || *from == kDay) return Wrong(text, "ends when it begins");
  window.from_ = *from;
  window.to_ = *to;
  return window;
}

bool RecurringWindow::Holds(WallTime time) const {
  const auto local = std::chrono::floor<minutes>(time + offset_).time_since_epoch();
  const auto date = std::chrono::floor<std::chrono::days>(local);
  const minutes clock = local - date;
  const auto is_of = [&](std::chrono::days of) {
    const auto day = ((of.count() + kFirstDay) % 7 + 7) % 7;
    return days_[static_cast<std::size_t>(day)];
  };
  if (from_ < to_) return clock >= from_ && clock < to_ && is_of(date);
  return (clock >= from_ && is_of(date)) || (clock < to_ && is_of(date - std::chrono::days(1)));
}

}  // namespace edgefeed
