#include "common/model/series.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("a series is spelt as Prometheus does") {
  CHECK(ToString(Series{"load1", {}}) == "load1");
  CHECK(ToString(Series{"disk_read_bytes_total", {{"device", "sda"}, {"host", "a"}}}) ==
        "disk_read_bytes_total{device=\"sda\",host=\"a\"}");
}

TEST_CASE("series are numbered in the order in which they come, each once") {
  SeriesTable table(10);
  const Series load{"load1", {}};
  const Series sda{"disk", {{"device", "sda"}}};
  const Series sdb{"disk", {{"device", "sdb"}}};

  CHECK(table.Intern(load) == 0U);
  CHECK(table.Intern(sda) == 1U);
  CHECK(table.Intern(sdb) == 2U);
  CHECK(table.Intern(sda) == 1U);

  CHECK(table.size() == 3);
  CHECK(table[1] == sda);
}

TEST_CASE("a full table still knows what it knows") {
  SeriesTable table(2);
  CHECK(table.Intern({"a", {}}) == 0U);
  CHECK(table.Intern({"b", {}}) == 1U);
  CHECK(table.Intern({"c", {}}) == std::nullopt);
  CHECK(table.Intern({"a", {}}) == 0U);
  CHECK(table.Find({"b", {}}) == 1U);
  CHECK(table.Find({"c", {}}) == std::nullopt);
  CHECK(table.size() == 2);
}

TEST_CASE("ids stay valid while the table grows") {
  SeriesTable table(10'000);
  for (int i = 0; i < 10'000; ++i) {
    REQUIRE(table.Intern({"m", {{"i", std::to_string(i)}}}) == static_cast<SeriesId>(i));
  }
  for (int i = 0; i < 10'000; i += 99) {
    CHECK(table[static_cast<SeriesId>(i)].labels[0].value == std::to_string(i));
    CHECK(table.Intern({"m", {{"i", std::to_string(i)}}}) == static_cast<SeriesId>(i));
  }
}

}  // namespace
}  // namespace edgefeed
