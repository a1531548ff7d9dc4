#include "common/wire/message_sizes.h"

#include <doctest/doctest.h>

#include <vector>

#include "common/wire/payload_encoder.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

// Samples of two series that move.
std::vector<Sample> Samples(SeriesTable& series, std::size_t count) {
  const SeriesId load = *series.Intern({"load1", {}});
  const SeriesId bytes = *series.Intern({"disk_read_bytes_total", {{"device", "sda"}}});
  std::vector<Sample> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<double>(i);
    samples[i].position = {1, i + 1};
    samples[i].time = FromUnixMillis(1'700'000'000'000 + 1000 * i);
    samples[i].readings = {{load, 0.25 * number}, {bytes, 4096 * number * number}};
  }
  return samples;
}

// The second message of a feed that has these samples.
double SecondMessage(const SeriesTable& series, std::span<const Sample> samples) {
  PayloadEncoder encoder("device", {}, series);
  telemetry::MetricsPayload payload;
  encoder.EncodeBatch(samples, false, payload);
  encoder.EncodeBatch(samples, false, payload);
  return static_cast<double>(payload.ByteSizeLong());
}

}  // namespace

TEST_CASE("a message's size is that of its first sample and of those that go with it") {
  SeriesTable series(10);
  const auto samples = Samples(series, 10);
  const MessageSizes sizes = MeasureMessages("device", {}, series, samples);
  CHECK(sizes.first_sample + 9 * sizes.further_sample ==
        doctest::Approx(SecondMessage(series, samples)));
  CHECK(sizes.first_sample ==
        doctest::Approx(SecondMessage(series, {samples.data() + 5, 1})).epsilon(0.1));
  CHECK(sizes.further_sample < sizes.first_sample / 2);
}

TEST_CASE("what goes once for a connection is measured apart") {
  SeriesTable series(10);
  const auto samples = Samples(series, 2);
  const MessageSizes sizes =
      MeasureMessages("device", {.boot_id = std::string(100, 'b')}, series, samples);
  CHECK(sizes.hello > 100);
  CHECK(sizes.hello < 150);
  CHECK(sizes.series_names > 40);
  CHECK(sizes.series_names < 80);
  CHECK(sizes.ping == 2 + 6 + 2);
}

}  // namespace edgefeed
