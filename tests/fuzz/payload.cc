// common/wire/payload_decoder: the messages of one feed, as any client may send them.
#include <cmath>

#include "common/model/series.h"
#include "common/wire/payload_decoder.h"
#include "telemetry.pb.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/silent_protobuf.h"

namespace edgefeed {
namespace {

constexpr std::uint32_t kMostSeries = 64;

void CheckMessage(const FeedMessage& message, const PayloadLimits& limits,
                  const SeriesTable& table) {
  Promise(message.samples.size() + message.rejected.size() <= limits.batch.samples,
          "no more samples than a batch may have");
  for (const Sample& sample : message.samples) {
    Promise(sample.cpu_usage_percent >= 0 && sample.cpu_usage_percent <= 100, "cpu_usage is one");
    Promise(sample.memory_used_mib >= 0, "memory_mb is one");
    for (const Reading& reading : sample.readings) {
      Promise(std::isfinite(reading.value), "readings are numbers");
      Promise(reading.series < table.size(), "readings are of series that were announced");
    }
  }
}

void Run(FuzzInput input) {
  SeriesTable table(kMostSeries);
  PayloadLimits limits{.series = kMostSeries, .batch = {.samples = 32, .readings = 1024}};
  PayloadDecoder decoder(limits, [&](const Series& series) { return table.Intern(series); });
  const WallTime now = FromUnixMillis(1'800'000'000'000);
  while (!input.empty()) {
    const std::string_view bytes = input.Part();
    telemetry::MetricsPayload payload;
    if (!payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const auto message = decoder.Decode(payload, now);
    if (!message) return;  // The feed ends.
    Promise(CheckDeviceName(decoder.device()).ok(), "a feed is some device's");
    CheckMessage(*message, limits, table);
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool silent = edgefeed::SilenceProtobuf();
  (void)silent;
  edgefeed::Run({data, size});
  return 0;
}
