#include "collector/history/inventory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "collector/history/meta.h"
#include "collector/history/series_match.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const WallTime kStart = FromUnixMillis(1'700'000'000'000);

Frame MakeFrame(DeviceNumber device, StreamPosition position, WallTime received) {
  return {.device = device, .position = position, .received = received, .time = received};
}

TEST_CASE("the inventory counts frames and knows the newest position of each stream") {
  Inventory inventory;
  REQUIRE(inventory.Apply(1, DeviceName{4, "edge-07"}));
  REQUIRE(inventory.Apply(2, MakeFrame(4, {.stream = 9, .sequence = 5}, kStart)));
  REQUIRE(inventory.Apply(3, MakeFrame(4, {.stream = 8, .sequence = 1}, kStart + 1s)));
  REQUIRE(inventory.Apply(4, MakeFrame(4, {.stream = 9, .sequence = 3}, kStart + 2s)));
  REQUIRE(inventory.Apply(5, MakeFrame(4, {}, kStart + 3s)));
  const KnownDevice* device = inventory.Find(4);
  REQUIRE(device != nullptr);
  CHECK(device->request_count == 4);
  CHECK(device->first_seen == kStart);
  CHECK(device->last_seen == kStart + 3s);
  CHECK(device->stored == std::vector<StreamPosition>{{9, 5}, {8, 1}});
  CHECK(inventory.NumberOf("edge-07") == 4);
  CHECK_FALSE(inventory.NumberOf("edge-08"));
  CHECK(inventory.next_device() == 5);
}

TEST_CASE("a device's oldest stream is forgotten when there are too many") {
  Inventory inventory;
  REQUIRE(inventory.Apply(1, DeviceName{1, "a"}));
  for (StreamId stream = 1; stream <= kMaxStreams + 1; ++stream) {
    REQUIRE(inventory.Apply(1 + stream, MakeFrame(1, {.stream = stream, .sequence = 1}, kStart)));
  }
  const auto& stored = inventory.Find(1)->stored;
  CHECK(stored.size() == kMaxStreams);
  CHECK(stored.front().stream == 2);
  CHECK(stored.back().stream == kMaxStreams + 1);
}

TEST_CASE("what has no name, or an impossible number, is left out") {
  Inventory inventory;
  CHECK_FALSE(inventory.Apply(1, MakeFrame(4, {}, kStart)));
  CHECK_FALSE(inventory.Apply(2, DeviceDescription{4, {}}));
  CHECK_FALSE(inventory.Apply(3, DeviceName{0, "a"}));
  CHECK_FALSE(inventory.Apply(4, DeviceName{kMaxDeviceNumber + 1, "a"}));
  CHECK_FALSE(inventory.Apply(5, SeriesName{UINT32_MAX, {"m", {}}}));
  CHECK(inventory.devices().empty());
  CHECK(inventory.series().empty());
}

TEST_CASE("series are found by their metric, each number once") {
  Inventory inventory;
  REQUIRE(inventory.Apply(1, SeriesName{7, {"disk", {{"device", "sda"}}}}));
  REQUIRE(inventory.Apply(2, SeriesName{2, {"load_1m", {}}}));
  REQUIRE(inventory.Apply(3, SeriesName{7, {"load_1m", {}}}));
  inventory.Restore(9, {"disk", {{"device", "sdb"}}});
  CHECK(std::ranges::equal(inventory.NumbersOf("disk"), std::vector<SeriesNumber>{7, 9}));
  CHECK(std::ranges::equal(inventory.NumbersOf("load_1m"), std::vector<SeriesNumber>{2}));
  CHECK(inventory.NumbersOf("swap").empty());
}

TEST_CASE("a number whose name was lost has none") {
  Inventory inventory;
  REQUIRE(inventory.Apply(1, SeriesName{2, {"load_1m", {}}}));
  CHECK(NameOf(kCpuOutput, inventory) == Series{"cpu_usage", {}});
  CHECK(NameOf(kFirstNumber + 2, inventory) == Series{"load_1m", {}});
  CHECK_FALSE(NameOf(kFirstNumber + 1, inventory));
}

TEST_CASE("meta.db gives the inventory back, and what is replayed is not counted again") {
  const TempDir home;
  const auto path = home.path() / "meta.db";
  const DeviceInfo info{.run_id = "run", .labels = {{"site", "x"}}};
  {
    auto meta = std::move(*Meta::Open(path));
    CHECK(*meta->Epoch() == 0);
    REQUIRE(meta->SetEpoch(3));
    Inventory inventory = *meta->Load();
    REQUIRE(inventory.Apply(1, DeviceName{4, "edge-07"}));
    REQUIRE(inventory.Apply(2, SeriesName{6, {"disk", {{"device", "sda"}}}}));
    REQUIRE(inventory.Apply(3, DeviceDescription{4, info}));
    const StreamId large = UINT64_MAX - 1;
    REQUIRE(inventory.Apply(4, MakeFrame(4, {.stream = large, .sequence = 5}, kStart)));
    CHECK(inventory.dirty());
    REQUIRE(meta->Save(inventory));
    CHECK_FALSE(inventory.dirty());
    REQUIRE(inventory.Apply(5, MakeFrame(4, {.stream = 8, .sequence = 1}, kStart + 1s)));
    REQUIRE(meta->Save(inventory));
  }
  auto meta = std::move(*Meta::Open(path));
  CHECK(*meta->Epoch() == 3);
  Inventory inventory = *meta->Load();
  CHECK(inventory.counted_lsn() == 5);
  const KnownDevice* device = inventory.Find(4);
  REQUIRE(device != nullptr);
  CHECK(device->name == "edge-07");
  CHECK(device->request_count == 2);
  CHECK(device->first_seen == kStart);
  CHECK(device->last_seen == kStart + 1s);
  CHECK(device->stored == std::vector<StreamPosition>{{UINT64_MAX - 1, 5}, {8, 1}});
  REQUIRE(device->info != nullptr);
  CHECK(*device->info == info);
  CHECK(inventory.series().at(6) == Series{"disk", {{"device", "sda"}}});
  CHECK(inventory.next_series() == 7);

  REQUIRE(inventory.Apply(5, MakeFrame(4, {.stream = 8, .sequence = 1}, kStart + 1s)));
  CHECK(inventory.Find(4)->request_count == 2);
  // Out of order, as after a failed sync: each counts.
  REQUIRE(inventory.Apply(7, MakeFrame(4, {.stream = 8, .sequence = 3}, kStart + 1s)));
  REQUIRE(inventory.Apply(6, MakeFrame(4, {.stream = 8, .sequence = 2}, kStart + 1s)));
  CHECK(inventory.Find(4)->request_count == 4);
}

TEST_CASE("a file that is no database is data loss, which names it") {
  const TempDir home;
  const auto path = home.Write("meta.db", std::string(5000, 'x'));
  const auto opened = Meta::Open(path);
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == Error{Code::kDataLoss, path.string() + ": file is not a database"});
}

}  // namespace
}  // namespace edgefeed
