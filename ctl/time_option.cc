#include "ctl/time_option.h"

#include "common/base/text.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// The end of the year 9999, in Unix seconds.
constexpr std::int64_t kEndOfTime = 253'402'300'800;

// Takes `count` digits off `text`.
std::optional<int> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  const std::string_view digits = text.substr(0, count);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(count);
  return ParseNumber<int>(digits);
}

bool TakeOneOf(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "2026-11-25"
std::optional<std::chrono::sys_days> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOneOf(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOneOf(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return date;
}

// "10:00"
std::optional<std::chrono::minutes> TakeHoursAndMinutes(std::string_view& text) {
  const auto hours = TakeDigits(text, 2);
  if (!hours || !TakeOneOf(text, ":")) return std::nullopt;
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

// ".250", or nothing; what is finer than a millisecond is left out.
std::optional<milliseconds> TakeFraction(std::string_view& text) {
  if (!TakeOneOf(text, ".")) return milliseconds(0);
  milliseconds fraction{0};
  milliseconds unit{100};
  std::size_t digits = 0;
  for (; const auto digit = TakeDigits(text, 1); ++digits) {
    fraction += *digit * unit;
    unit /= 10;
  }
  if (digits == 0) return std::nullopt;
  return fraction;
}

// "Z", "+01:00": how far local time is ahead of UTC.
std::optional<std::chrono::minutes> TakeZone(std::string_view& text) {
  if (TakeOneOf(text, "Zz")) return std::chrono::minutes(0);
  const bool is_behind = text.starts_with('-');
  if (!TakeOneOf(text, "+-")) return std::nullopt;
  const auto offset = TakeHoursAndMinutes(text);
  if (!offset) return std::nullopt;
  return is_behind ? -*offset : *offset;
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  const auto date = TakeDate(text);
  if (!date || !TakeOneOf(text, "Tt ")) return std::nullopt;
  const auto minutes = TakeHoursAndMinutes(text);
  if (!minutes || !TakeOneOf(text, ":")) return std::nullopt;
  const auto seconds = TakeDigits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;  // 60: a leap second.
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = TakeZone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return WallTime(*date) + *minutes + std::chrono::seconds(*seconds) + *fraction - *zone;
}

}  // namespace

Result<TimeOption> ParseTime(std::string_view text) {
  if (text == "now") return TimeOption{};
  if (text.starts_with('-')) {
    const auto ago = ParseDuration(text.substr(1));
    if (ago && *ago < std::chrono::seconds(kEndOfTime)) return TimeOption{.before_now = *ago};
  }
  if (const auto seconds = ParseNumber<std::int64_t>(text);
      seconds && *seconds >= 0 && *seconds < kEndOfTime) {
    return TimeOption{.fixed = WallTime(std::chrono::seconds(*seconds))};
  }
  if (const auto time = ParseRfc3339(text)) return TimeOption{.fixed = time};
  return Error{Code::kInvalidArgument,
               "'" + std::string(text) +
                   "' is not a time such as -1h, now, 2026-11-25T10:00:00Z or seconds since 1970"};
}

}  // namespace edgefeed
