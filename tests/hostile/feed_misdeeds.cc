#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/hostile/hostile_feed.h"
#include "tests/hostile/misdeeds.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::MetricsPayload;

// What failed is not tried again sooner.
constexpr milliseconds kPause{50};
constexpr std::uint32_t kMostSamples = 256;
constexpr std::uint32_t kSeries = 250;

// Numbers and columns of which one is right at most.
MetricsPayload GarbageBatch(HostileDevice& device, HostileFeed& feed) {
  MetricsPayload payload;
  auto& batch = *payload.mutable_batch();
  feed.Number(kMostSamples, batch);
  batch.set_columns(device.RandomBytes(device.Random(4096)));
  if (device.Random(4) == 0) batch.set_sequences(device.RandomBytes(device.Random(300)));
  if (device.Random(8) == 0) batch.set_count(static_cast<std::uint32_t>(device.Random(UINT32_MAX)));
  if (device.Random(8) == 0) batch.set_stream(0);
  return payload;
}

MetricsPayload GarbageHeadline(HostileDevice& device) {
  MetricsPayload payload;
  payload.set_service_name(device.spec().name);
  constexpr double kNumbers[] = {std::numeric_limits<double>::quiet_NaN(),
                                 std::numeric_limits<double>::infinity(), -1, 1e308};
  payload.set_cpu_usage(kNumbers[device.Random(std::size(kNumbers))]);
  payload.set_timestamp_ms(device.Random(UINT64_MAX));
  return payload;
}

MetricsPayload GarbageSeries(HostileDevice& device) {
  MetricsPayload payload;
  payload.set_service_name(device.spec().name);
  payload.set_ping(true);
  auto& series = *payload.add_new_series();
  series.set_metric(std::string(device.Random(2000), 'm'));
  for (std::uint64_t i = device.Random(100); i > 0; --i) {
    series.add_labels()->set_value(std::string(device.Random(1000), 'l'));
  }
  return payload;
}

MetricsPayload Garbage(HostileDevice& device, HostileFeed& feed) {
  switch (device.Random(8)) {
    case 0: return GarbageHeadline(device);
    case 1: return GarbageSeries(device);
    default: return GarbageBatch(device, feed);
  }
}

void IntroduceSeries(MetricsPayload& payload) {
  for (std::uint32_t i = 0; i < kSeries; ++i) {
    payload.add_new_series()->set_metric("hostile_" + std::to_string(i));
  }
}

// The same batch again and again, as far as the collector knows a new one each time.
void Flood(HostileDevice& device, std::uint32_t count, const std::string& columns) {
  HostileFeed feed(device, device.channel(), seconds(10));
  MetricsPayload payload;
  IntroduceSeries(payload);
  payload.mutable_batch()->set_columns(columns);
  bool goes_on = feed.Hello(device.spec().name);
  while (goes_on) {
    feed.Number(count, *payload.mutable_batch());
    goes_on = feed.Write(payload);
    payload.clear_new_series();
  }
  device.Wait(kPause);
}

}  // namespace

void SendGarbage(HostileDevice& device) {
  HostileFeed feed(device, device.channel(), seconds(2));
  bool goes_on = feed.Hello(device.spec().name);
  for (int i = 0; goes_on && i < 16; ++i) goes_on = feed.Write(Garbage(device, feed));
  static_cast<void>(feed.End());
}

void SendLargest(HostileDevice& device) {
  constexpr std::uint32_t kSamples = 110;  // Of eight bytes a value: a little less than 256 KiB.
  Flood(device, kSamples, HostileColumns(kSamples, 0, kSeries, [&] {
          return static_cast<double>(device.Random(UINT64_MAX)) / 3;
        }));
}

void SendMostValues(HostileDevice& device) {
  Flood(device, kMostSamples, HostileColumns(kMostSamples, 0, kSeries, [] { return 1.0; }));
}

void SendEndlessSeries(HostileDevice& device) {
  HostileFeed feed(device, device.channel(), seconds(10));
  bool goes_on = feed.Hello(device.spec().name);
  for (std::uint32_t first = 0; goes_on; first += kSeries) {
    goes_on = feed.Write(HostileSeries(feed, first, kSeries, [&](std::uint32_t) {
      return "hostile_" + std::to_string(device.Random(UINT64_MAX));
    }));
  }
  static_cast<void>(feed.End());
}

void ReconnectWithoutEnd(HostileDevice& device) {
  MetricsPayload payload;
  payload.set_service_name(device.spec().name);
  HostileFeed feed(device, device.Connect(), seconds(5));
  if (!feed.Write(payload) || !feed.End().ok()) device.Wait(kPause);
}

void FeedWithoutReading(HostileDevice& device) {
  HostileFeed feed(device, device.channel(), seconds(20));
  bool goes_on = feed.Hello(device.spec().name);
  MetricsPayload payload;
  payload.mutable_batch()->set_columns("no columns");
  while (goes_on) {
    feed.Number(kMostSamples, *payload.mutable_batch());
    goes_on = feed.Write(payload);
  }
  device.Wait(kPause);
}

void OpenManyStreams(HostileDevice& device) {
  constexpr int kStreams = 200;
  const auto channel = device.Connect();
  std::vector<std::unique_ptr<HostileFeed>> feeds;
  while (!device.stopped() && feeds.size() < kStreams) {
    feeds.push_back(std::make_unique<HostileFeed>(device, channel, seconds(5)));
  }
  device.Wait(seconds(2));
}

}  // namespace edgefeed
