#include "common/wire/payload_decoder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>

#include "common/wire/payload_encoder.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

using telemetry::MetricsPayload;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const WallTime kNow = FromUnixMillis(1'700'000'000'000);

MetricsPayload GoodPayload() {
  MetricsPayload payload;
  payload.set_service_name("edge-07");
  payload.set_cpu_usage(50);
  payload.set_memory_mb(100);
  payload.set_timestamp_ms(UnixMillis(kNow));
  return payload;
}

// A receiver with a table of its own.
struct Receiver {
  explicit Receiver(const PayloadLimits& limits = {}, std::size_t table = 1000)
      : series(table),
        decoder(limits, [this](const Series& added) { return series.Intern(added); }) {}
  SeriesTable series;
  PayloadDecoder decoder;
};

std::string WhyNot(const MetricsPayload& payload) {
  Receiver receiver;
  const auto sample = receiver.decoder.Decode(payload, kNow);
  REQUIRE_FALSE(sample);
  CHECK(sample.error().code == Code::kInvalidArgument);
  return sample.error().message;
}

using Named = std::map<std::string, double>;

Named ByName(const SeriesTable& series, const Sample& sample) {
  Named named;
  for (const Reading& reading : sample.readings) {
    named.emplace(ToString(series[reading.series]), reading.value);
  }
  return named;
}

// A device with a table of its own.
struct Sender {
  SeriesTable series{1000};
  PayloadEncoder encoder{"edge-07", DeviceInfo{.run_id = "run"}, series};

  MetricsPayload Batch(const std::vector<Sample>& samples, bool backlog = false) {
    MetricsPayload payload;
    encoder.EncodeBatch(samples, backlog, payload);
    payload.set_service_name("edge-07");
    MetricsPayload received;
    REQUIRE(received.ParseFromString(payload.SerializeAsString()));
    return received;
  }
};

Sample SampleAt(std::uint64_t sequence, std::vector<Reading> readings = {}) {
  Sample sample;
  sample.position = {77, sequence};
  sample.time = kNow - std::chrono::milliseconds(1000 - sequence);
  sample.since_boot = std::chrono::milliseconds(sequence);
  sample.cpu_usage_percent = 12.5;
  sample.memory_used_mib = 100;
  sample.readings = std::move(readings);
  return sample;
}

TEST_CASE("an original client's payload is a sample without readings and position") {
  Receiver receiver;
  const auto message = receiver.decoder.Decode(GoodPayload(), kNow);
  REQUIRE(message);
  CHECK_FALSE(message->hello);
  REQUIRE(message->samples.size() == 1);
  const Sample& sample = message->samples[0];
  CHECK(sample.position == StreamPosition{});
  CHECK(sample.time == kNow);
  CHECK_FALSE(sample.since_boot);
  CHECK(sample.cpu_usage_percent == 50);
  CHECK(sample.memory_used_mib == 100);
  CHECK(sample.readings.empty());
  CHECK(receiver.decoder.device() == "edge-07");
}

TEST_CASE("a hello says who it is and what it holds, of which a bounded number counts") {
  Sender sender;
  Receiver receiver;
  MetricsPayload payload;
  sender.encoder.EncodeHello(std::vector<StreamPosition>(100, {5, 6}), std::chrono::seconds(15),
                             payload);
  const auto message = receiver.decoder.Decode(payload, kNow);
  REQUIRE(message);
  CHECK(message->samples.empty());
  REQUIRE(message->hello);
  CHECK(message->hello->info.run_id == "run");
  CHECK(message->hello->held == std::vector<StreamPosition>(kMaxStreams, {5, 6}));
  CHECK(message->hello->speaks_every == std::chrono::seconds(15));
}

TEST_CASE("a ping is no sample") {
  Sender sender;
  Receiver receiver;
  MetricsPayload payload;
  sender.encoder.EncodePing(payload);
  const auto message = receiver.decoder.Decode(payload, kNow);
  REQUIRE(message);
  CHECK(message->ping);
  CHECK(message->samples.empty());
}

void CheckSame(const SeriesTable& theirs, const Sample& received, const SeriesTable& ours,
               const Sample& sent) {
  CHECK(received.position == sent.position);
  CHECK(received.time == sent.time);
  CHECK(received.since_boot == sent.since_boot);
  CHECK(received.cpu_usage_percent == sent.cpu_usage_percent);
  CHECK(received.memory_used_mib == sent.memory_used_mib);
  CHECK(ByName(theirs, received) == ByName(ours, sent));
}

std::vector<Sample> RandomBatch(Sender& sender, std::uint64_t& sequence, std::mt19937& random) {
  std::vector<Sample> samples(1 + random() % 12);
  for (Sample& sample : samples) {
    sample = SampleAt(sequence += 1 + random() % 2);
    for (int i = 0; i < 20; ++i) {
      const auto id = sender.series.Intern({"m" + std::to_string(random() % 60), {{"l", "v"}}});
      sample.readings.push_back({*id, static_cast<double>(random())});
    }
  }
  return samples;
}

TEST_CASE("what several feeds encode is what one shard decodes") {
  std::mt19937 random(20'240'601);
  Receiver shard;
  for (int feed = 0; feed < 4; ++feed) {
    Sender sender;
    PayloadDecoder decoder({}, [&](const Series& added) { return shard.series.Intern(added); });
    std::uint64_t sequence = 0;
    for (int round = 0; round < 50; ++round) {
      const std::vector<Sample> sent = RandomBatch(sender, sequence, random);
      const auto message = decoder.Decode(sender.Batch(sent, round % 2 == 0), kNow);
      REQUIRE(message);
      CHECK(message->backlog == (round % 2 == 0));
      REQUIRE(message->samples.size() == sent.size());
      for (std::size_t i = 0; i < sent.size(); ++i) {
        CheckSame(shard.series, message->samples[i], sender.series, sent[i]);
      }
    }
    CHECK(decoder.dropped_readings() == 0);
  }
  CHECK(shard.series.size() <= 60);  // The feeds share the shard's numbers.
}

TEST_CASE("a batch that is taken in steps is the same, and its samples come at the end") {
  std::mt19937 random(20'240'602);
  Sender sender;
  std::uint64_t sequence = 0;
  const std::vector<Sample> sent = RandomBatch(sender, sequence, random);
  const MetricsPayload payload = sender.Batch(sent, true);
  Receiver receiver;
  auto message = receiver.decoder.Begin(payload, kNow);
  REQUIRE(message);
  CHECK(message->backlog);
  int steps = 1;
  for (; !receiver.decoder.Continue(1, *message); ++steps) CHECK(message->samples.empty());
  CHECK(steps > 5);
  REQUIRE(message->samples.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CheckSame(receiver.series, message->samples[i], sender.series, sent[i]);
  }
  CHECK(receiver.decoder.Continue(1, *message));
  CHECK(message->samples.size() == sent.size());
}

TEST_CASE("a batch that was begun and left is nothing of the next payload") {
  std::mt19937 random(20'240'603);
  Sender sender;
  std::uint64_t sequence = 0;
  const MetricsPayload payload = sender.Batch(RandomBatch(sender, sequence, random));
  Receiver receiver;
  REQUIRE(receiver.decoder.Begin(payload, kNow));
  MetricsPayload ping;
  ping.set_service_name("edge-07");
  ping.set_ping(true);
  const auto message = receiver.decoder.Decode(ping, kNow);
  REQUIRE(message);
  CHECK(message->samples.empty());
}

TEST_CASE("a batch says how well the worst known of its times is known") {
  Sender sender;
  Receiver receiver;
  std::vector<Sample> samples = {SampleAt(1), SampleAt(2)};
  samples[0].clock = ClockTrust::kKernel;
  samples[1].clock = ClockTrust::kGuess;
  MetricsPayload payload = sender.Batch(samples);
  CHECK(payload.batch().clock() == telemetry::CLOCK_TRUST_GUESS);
  const auto trust_of = [&] { return receiver.decoder.Decode(payload, kNow)->samples[0].clock; };
  CHECK(trust_of() == ClockTrust::kGuess);
  payload.mutable_batch()->set_clock(telemetry::CLOCK_TRUST_KERNEL);
  CHECK(trust_of() == ClockTrust::kKernel);
  using Batch = telemetry::SampleBatch;
  const auto* field = Batch::descriptor()->FindFieldByName("clock");
  Batch::GetReflection()->SetEnumValue(payload.mutable_batch(), field, 99);  // Of a newer sender.
  CHECK(trust_of() == ClockTrust::kUnknown);
}

TEST_CASE("a bad sample of a batch is rejected with its reason, and the others are taken") {
  Sender sender;
  Receiver receiver;
  const SeriesId load = *sender.series.Intern({"load1", {}});
  std::vector<Sample> samples;
  for (std::uint64_t i = 1; i <= 5; ++i) samples.push_back(SampleAt(i, {{load, 1}}));
  samples[0].cpu_usage_percent = 101;
  samples[1].memory_used_mib = -1;
  samples[2].time = kNow + std::chrono::hours(25);
  samples[3].readings[0].value = kInfinity;
  const auto message = receiver.decoder.Decode(sender.Batch(samples), kNow);
  REQUIRE(message);
  REQUIRE(message->samples.size() == 1);
  CHECK(message->samples[0].position.sequence == 5);
  CHECK(message->rejected ==
        std::vector<Rejection>{
            {{77, 1}, "cpu_usage is 101, allowed is 0 to 100 percent"},
            {{77, 2}, "memory_mb is -1, allowed is 0 to 1e12 MiB"},
            {{77, 3},
             "timestamp_ms is 1700090000000, more than 86400 s ahead of the collector's clock"},
            {{77, 4}, "a reading is inf, allowed is a finite number"}});
}

TEST_CASE("a batch without proper positions is refused") {
  Sender sender;
  const MetricsPayload good = sender.Batch({SampleAt(1), SampleAt(2)});
  MetricsPayload payload = good;
  payload.mutable_batch()->set_sequences("");
  CHECK(WhyNot(payload).starts_with("batch.sequences: column: "));
  payload.mutable_batch()->set_sequences(good.batch().sequences() + "xyz");
  CHECK(WhyNot(payload) == "batch.sequences has more than batch.count");
  payload = sender.Batch({SampleAt(2), SampleAt(2)});
  CHECK(WhyNot(payload) == "batch.sequences has 2 after 2");
  payload = good;
  payload.mutable_batch()->set_stream(0);
  CHECK(WhyNot(payload) == "batch.stream is 0");
  for (const std::uint32_t count : {0U, 257U}) {
    payload = good;
    payload.mutable_batch()->set_count(count);
    CHECK(WhyNot(payload) == "batch.count is " + std::to_string(count) + ", allowed is 1 to 256");
  }
}

TEST_CASE("columns that cannot be read cost the samples of the batch, and the feed goes on") {
  Sender sender;
  Receiver receiver;
  MetricsPayload payload = sender.Batch({SampleAt(1), SampleAt(2)});
  payload.mutable_batch()->set_columns("x");
  const auto message = receiver.decoder.Decode(payload, kNow);
  REQUIRE(message);
  CHECK(message->samples.empty());
  REQUIRE(message->rejected.size() == 2);
  CHECK(message->rejected[1].position == StreamPosition{77, 2});
  CHECK(message->rejected[1].reason.starts_with("batch.columns: "));
  CHECK(receiver.decoder.Decode(sender.Batch({SampleAt(3)}), kNow)->samples.size() == 1);
}

TEST_CASE("a name must stay the same, and may be left out of a later batch only") {
  Sender sender;
  Receiver receiver;
  MetricsPayload batch = sender.Batch({SampleAt(1)});
  CHECK(receiver.decoder.Decode(batch, kNow));
  batch.clear_service_name();
  CHECK(receiver.decoder.Decode(batch, kNow));
  MetricsPayload original = GoodPayload();
  original.set_service_name("edge-08");
  const auto changed = receiver.decoder.Decode(original, kNow);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().message == "service_name changed within the feed");
  original.clear_service_name();
  CHECK_FALSE(receiver.decoder.Decode(original, kNow));
}

TEST_CASE("a bad name is refused") {
  MetricsPayload payload = GoodPayload();
  payload.set_service_name("");
  CHECK(WhyNot(payload) == "service_name is empty");
  payload.set_service_name("a/b");
  CHECK(WhyNot(payload) == "service_name 'a/b' may only hold letters, digits and . _ : -");
  payload.set_service_name(std::string(10'240, 'n'));
  CHECK(WhyNot(payload) == "service_name '" + std::string(40, 'n') +
                               "…' has 10240 characters, at most 128 are allowed");
}

TEST_CASE("cpu_usage outside 0 to 100 percent is refused") {
  const std::pair<double, const char*> cases[] = {
      {101, "101"},       {100.5, "100.5"},     {-1, "-1"},           {-0.001, "-0.001"},
      {kInfinity, "inf"}, {-kInfinity, "-inf"}, {std::nan(""), "nan"}};
  for (const auto& [value, shown] : cases) {
    MetricsPayload payload = GoodPayload();
    payload.set_cpu_usage(value);
    CHECK(WhyNot(payload) ==
          "cpu_usage is " + std::string(shown) + ", allowed is 0 to 100 percent");
  }
}

TEST_CASE("memory_mb that cannot be is refused") {
  const std::pair<double, const char*> cases[] = {
      {-1, "-1"}, {2e12, "2e+12"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}, {std::nan(""), "nan"}};
  for (const auto& [value, shown] : cases) {
    MetricsPayload payload = GoodPayload();
    payload.set_memory_mb(value);
    CHECK(WhyNot(payload) == "memory_mb is " + std::string(shown) + ", allowed is 0 to 1e12 MiB");
  }
}

TEST_CASE("the values at the edges are taken") {
  for (const double cpu : {0.0, -0.0, 100.0}) {
    MetricsPayload payload = GoodPayload();
    payload.set_cpu_usage(cpu);
    payload.set_memory_mb(cpu == 100.0 ? 1e12 : 0);
    Receiver receiver;
    CHECK(receiver.decoder.Decode(payload, kNow));
  }
}

TEST_CASE(
    "a sample from far in the future is refused, an old one or a clock a little ahead is not") {
  constexpr std::uint64_t kDayMs = 24ULL * 3'600'000;
  MetricsPayload payload = GoodPayload();
  payload.set_timestamp_ms(UnixMillis(kNow) + kDayMs + 1);
  CHECK(WhyNot(payload) ==
        "timestamp_ms is 1700086400001, more than 86400 s ahead of the collector's clock");
  payload.set_timestamp_ms(~std::uint64_t{0});
  CHECK(WhyNot(payload).starts_with("timestamp_ms is 18446744073709551615, more than"));

  for (const std::uint64_t ms : {std::uint64_t{0}, UnixMillis(kNow) + kDayMs}) {
    payload.set_timestamp_ms(ms);
    Receiver receiver;
    CHECK(receiver.decoder.Decode(payload, kNow));
  }
}

TEST_CASE("a series must have a name and a bounded number of bounded labels") {
  MetricsPayload payload = GoodPayload();
  payload.add_new_series()->set_metric("");
  CHECK(WhyNot(payload) == "new_series has a metric name of 0 bytes, allowed is 1 to 256");
  payload.mutable_new_series(0)->set_metric(std::string(257, 'm'));
  CHECK(WhyNot(payload) == "new_series has a metric name of 257 bytes, allowed is 1 to 256");

  payload.mutable_new_series(0)->set_metric("m");
  for (int i = 0; i < 33; ++i) payload.mutable_new_series(0)->add_labels();
  CHECK(WhyNot(payload) == "new_series m has too many or too long labels");
  payload.mutable_new_series(0)->clear_labels();
  payload.mutable_new_series(0)->add_labels()->set_value(std::string(257, 'v'));
  CHECK(WhyNot(payload) == "new_series m has too many or too long labels");
}

TEST_CASE("series over the limit are left out and counted, and the others keep their numbers") {
  Receiver receiver({.series = 2});
  Sender sender;
  std::vector<Reading> readings;
  for (const char* metric : {"a", "b", "c"}) {
    const SeriesId id = *sender.series.Intern({metric, {}});
    readings.push_back({id, static_cast<double>(id)});
  }
  for (const std::uint64_t sequence : {1U, 2U}) {
    const auto message =
        receiver.decoder.Decode(sender.Batch({SampleAt(sequence, readings)}), kNow);
    REQUIRE(message);
    CHECK(ByName(receiver.series, message->samples[0]) == Named{{"a", 0}, {"b", 1}});
    CHECK(receiver.decoder.dropped_readings() == sequence);
  }
}

TEST_CASE("series that the receiver's full table cannot take are left out and counted") {
  Receiver receiver({}, 1);
  Sender sender;
  const SeriesId a = *sender.series.Intern({"a", {}});
  const SeriesId b = *sender.series.Intern({"b", {}});
  const auto message =
      receiver.decoder.Decode(sender.Batch({SampleAt(1, {{a, 10}, {b, 11}})}), kNow);
  REQUIRE(message);
  CHECK(ByName(receiver.series, message->samples[0]) == Named{{"a", 10}});
  CHECK(receiver.decoder.dropped_readings() == 1);
}

TEST_CASE("a stream that announces series without end is refused") {
  Receiver receiver({.series = 2});
  MetricsPayload payload = GoodPayload();
  for (int i = 0; i < 4; ++i) payload.add_new_series()->set_metric("m" + std::to_string(i));
  CHECK(receiver.decoder.Decode(payload, kNow));

  payload.clear_new_series();
  payload.add_new_series()->set_metric("one too many");
  const auto refused = receiver.decoder.Decode(payload, kNow);

  REQUIRE_FALSE(refused);
  CHECK(refused.error() ==
        Error{Code::kInvalidArgument, "new_series: more than 4 series on one stream"});
}

}  // namespace
}  // namespace edgefeed
