#include "collector/history/partition_path.h"

#include <spdlog/spdlog.h>

#include <system_error>

#include "common/base/text.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

using std::chrono::days;
using std::chrono::hours;

std::string Digits(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace

std::string HourName(Hours hour) {
  const auto day = std::chrono::floor<days>(hour);
  const std::chrono::year_month_day date(day);
  return Digits(int{date.year()}, 4) + "-" + Digits(unsigned{date.month()}, 2) + "-" +
         Digits(unsigned{date.day()}, 2) + "T" + Digits((hour - day).count(), 2);
}

std::optional<Hours> ParseHourName(std::string_view name) {
  if (name.size() != 13 || name[4] != '-' || name[7] != '-' || name[10] != 'T') return std::nullopt;
  const auto year = ParseNumber<int>(name.substr(0, 4));
  const auto month = ParseNumber<unsigned>(name.substr(5, 2));
  const auto day = ParseNumber<unsigned>(name.substr(8, 2));
  const auto hour = ParseNumber<int>(name.substr(11, 2));
  if (!year || !month || !day || !hour || *hour < 0 || *hour > 23) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + hours(*hour);
}

void SetAside(const fs::path& database) {
  std::error_code error;
  std::string suffix = ".damaged";
  for (int n = 2; fs::exists(database.string() + suffix, error); ++n) {
    suffix = ".damaged." + std::to_string(n);
  }
  for (const char* part : {"", "-wal", "-shm"}) {
    fs::rename(database.string() + part, database.string() + suffix + part, error);
  }
  spdlog::error("history: {} is damaged and set aside as {}{}", database.string(),
                database.filename().string(), suffix);
}

void DeleteDatabase(const fs::path& database) {
  std::error_code error;
  for (const char* part : {"", "-wal", "-shm"}) fs::remove(database.string() + part, error);
}

}  // namespace edgefeed
