#include "collector/alerts/recurring_window.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// 2026-11-23 was a Monday.
WallTime At(int day_of_week, int hour, int minute) {
  const auto monday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  return WallTime(monday) + std::chrono::days(day_of_week) + std::chrono::hours(hour) +
         std::chrono::minutes(minute);
}

RecurringWindow Window(std::string_view text) {
  auto window = RecurringWindow::Parse(text);
  REQUIRE(window);
  return *window;
}

TEST_CASE("a window holds from its first minute until its last is over") {
  const auto window = Window("Mon-Fri 08:30-17:00");
  CHECK_FALSE(window.Holds(At(0, 8, 29)));
  CHECK(window.Holds(At(0, 8, 30)));
  CHECK(window.Holds(At(4, 16, 59)));
  CHECK_FALSE(window.Holds(At(4, 17, 0)));
  CHECK_FALSE(window.Holds(At(5, 12, 0)));
}

TEST_CASE("a window over midnight belongs to the day on which it begins") {
  const auto window = Window("Fri,Sun 22:00-06:00 UTC");
  CHECK(window.Holds(At(4, 22, 0)));
  CHECK(window.Holds(At(5, 5, 59)));
  CHECK_FALSE(window.Holds(At(5, 6, 0)));
  CHECK_FALSE(window.Holds(At(5, 23, 0)));
  CHECK_FALSE(window.Holds(At(6, 3, 0)));
  CHECK(window.Holds(At(7, 3, 0)));
  CHECK_FALSE(window.Holds(At(4, 3, 0)));
}

TEST_CASE("a window is in its time zone") {
  const auto east = Window("Mon 00:00-01:00 +02:00");
  CHECK(east.Holds(At(6, 22, 30)));
  CHECK_FALSE(east.Holds(At(0, 0, 30)));
  const auto west = Window("Mon 23:00-24:00 -05:30");
  CHECK(west.Holds(At(1, 4, 30)));
  CHECK_FALSE(west.Holds(At(1, 5, 30)));
}

TEST_CASE("a range of days may go over Sunday, and without days it is every day") {
  const auto window = Window("Sat-Mon 10:00-11:00");
  for (const int day : {0, 5, 6}) CHECK(window.Holds(At(day, 10, 0)));
  for (const int day : {1, 2, 3, 4}) CHECK_FALSE(window.Holds(At(day, 10, 0)));
  for (int day = 0; day < 7; ++day) CHECK(Window("10:00-11:00").Holds(At(day, 10, 30)));
}

TEST_CASE("what is no window is refused, and says so") {
  for (const auto* text :
       {"", "Mon", "10:00", "10:00-10:00", "24:00-01:00", "10:00-24:01", "10:60-11:00", "1:00-2:00",
        "Mo 10:00-11:00", "Mon- 10:00-11:00", "Mon,, 10:00-11:00", "10:00-11:00 CET",
        "10:00-11:00 +15:00", "10:00-11:00 +01:00 x", "Mon Tue 10:00-11:00"}) {
    CAPTURE(text);
    const auto window = RecurringWindow::Parse(text);
    REQUIRE_FALSE(window);
    CHECK(window.error().code == Code::kInvalidArgument);
    CHECK(window.error().message.find("Mon-Fri 22:00-06:00") != std::string::npos);
  }
}

}  // namespace
}  // namespace edgefeed
