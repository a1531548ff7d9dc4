#include "common/wire/payload_decoder.h"

#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include "common/columns/column.h"
#include "common/model/device.h"
#include "common/wire/device_info.h"
#include "common/wire/position.h"
#include "telemetry.pb.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kMaxText = 256;
// A machine with an exbibyte of memory does not exist; a broken sender does.
constexpr double kMaxMemoryMib = 1e12;

Error Invalid(std::string text) { return Error{Code::kInvalidArgument, std::move(text)}; }

Error Invalid(std::string_view field, double value, std::string_view allowed) {
  std::ostringstream text;
  text << field << " is " << value << ", " << allowed;
  return Invalid(text.str());
}

Status CheckHeadline(const Sample& sample) {
  if (!(sample.cpu_usage_percent >= 0 && sample.cpu_usage_percent <= 100)) {
    return Invalid("cpu_usage", sample.cpu_usage_percent, "allowed is 0 to 100 percent");
  }
  if (!(sample.memory_used_mib >= 0 && sample.memory_used_mib <= kMaxMemoryMib)) {
    return Invalid("memory_mb", sample.memory_used_mib, "allowed is 0 to 1e12 MiB");
  }
  return {};
}

Status CheckTime(std::uint64_t time_ms, WallTime now, std::chrono::milliseconds future) {
  if (time_ms <= UnixMillis(now + future)) return {};
  return Invalid("timestamp_ms is " + std::to_string(time_ms) + ", more than " +
                 std::to_string(future.count() / 1000) + " s ahead of the collector's clock");
}

Status CheckReadings(const Sample& sample) {
  for (const Reading& reading : sample.readings) {
    if (!std::isfinite(reading.value)) {
      return Invalid("a reading", reading.value, "allowed is a finite number");
    }
  }
  return {};
}

Status CheckSample(const Sample& sample, WallTime now, std::chrono::milliseconds future) {
  if (Status headline = CheckHeadline(sample); !headline) return headline;
  if (Status time = CheckTime(UnixMillis(sample.time), now, future); !time) return time;
  return CheckReadings(sample);
}

Result<Series> SeriesFrom(const telemetry::Series& wire) {
  if (wire.metric().empty() || wire.metric().size() > kMaxText) {
    return Invalid("new_series has a metric name of " + std::to_string(wire.metric().size()) +
                   " bytes, allowed is 1 to 256");
  }
  Series series{.metric = wire.metric(), .labels = {}};
  for (const auto& label : wire.labels()) {
    if (series.labels.size() == kMaxLabels || label.name().size() > kMaxText ||
        label.value().size() > kMaxText) {
      return Invalid("new_series " + wire.metric() + " has too many or too long labels");
    }
    series.labels.push_back({label.name(), label.value()});
  }
  return series;
}

// As many as there are samples, each above the one before.
Result<std::vector<StreamPosition>> PositionsFrom(const telemetry::SampleBatch& batch,
                                                  std::size_t most) {
  if (batch.stream() == 0) return Invalid("batch.stream is 0");
  if (batch.count() == 0 || batch.count() > most) {
    return Invalid("batch.count is " + std::to_string(batch.count()) + ", allowed is 1 to " +
                   std::to_string(most));
  }
  std::string_view bytes = batch.sequences();
  std::vector<std::int64_t> sequences;
  if (const Status taken = DecodeIntegers(bytes, batch.count(), sequences); !taken) {
    return Invalid("batch.sequences: " + taken.error().message);
  }
  if (!bytes.empty()) return Invalid("batch.sequences has more than batch.count");
  std::vector<StreamPosition> positions;
  positions.reserve(sequences.size());
  std::int64_t last = 0;
  for (const std::int64_t sequence : sequences) {
    if (sequence <= last) {
      return Invalid("batch.sequences has " + std::to_string(sequence) + " after " +
                     std::to_string(last));
    }
    last = sequence;
    positions.push_back({batch.stream(), static_cast<std::uint64_t>(sequence)});
  }
  return positions;
}

Hello HelloFrom(const telemetry::Hello& wire) {
  Hello hello{.info = FromWire(wire.device()),
              .held = {},
              .speaks_every = std::chrono::milliseconds(wire.speaks_every_ms())};
  for (const auto& position : wire.held()) {
    if (hello.held.size() == kMaxStreams) break;
    hello.held.push_back(FromWire(position));
  }
  return hello;
}

// A newer sender may know more.
ClockTrust ClockTrustFrom(const telemetry::SampleBatch& batch) {
  return telemetry::ClockTrust_IsValid(batch.clock()) ? static_cast<ClockTrust>(batch.clock())
                                                      : ClockTrust::kUnknown;
}

}  // namespace

PayloadDecoder::PayloadDecoder(const PayloadLimits& limits, InternSeries intern)
    : limits_(limits), intern_(std::move(intern)) {}

Result<FeedMessage> PayloadDecoder::Decode(const telemetry::MetricsPayload& payload, WallTime now) {
  auto message = Begin(payload, now);
  if (message) Continue(std::numeric_limits<std::size_t>::max(), *message);
  return message;
}

Result<FeedMessage> PayloadDecoder::Begin(const telemetry::MetricsPayload& payload, WallTime now) {
  FeedMessage message;
  batch_.reset();
  if (const Status name = TakeName(payload); !name) return name.error();
  if (const Status series = TakeSeries(payload); !series) return series.error();
  Status taken;
  message.ping = payload.ping();
  message.alerts_taken = payload.alerts_taken();
  if (payload.has_hello()) message.hello = HelloFrom(payload.hello());
  if (payload.has_device()) message.info = FromWire(payload.device());
  if (payload.has_batch()) {
    message.backlog = payload.batch().backlog();
    taken = BeginBatch(payload.batch(), now);
  } else if (!payload.ping() && !payload.has_hello()) {
    taken = TakeOriginal(payload, now, message);
  }
  if (!taken) return taken.error();
  return message;
}

// An original client names itself in each payload; with batches once is enough.
Status PayloadDecoder::TakeName(const telemetry::MetricsPayload& payload) {
  const std::string& name = payload.service_name();
  if (!device_.empty() && (name == device_ || (name.empty() && payload.has_batch()))) return {};
  if (Status valid = CheckDeviceName(name); !valid) return valid;
  if (!device_.empty()) return Invalid("service_name changed within the feed");
  device_ = name;
  return {};
}

// Series over the limit are remembered as absent, so that the sender's numbers stay right.
Status PayloadDecoder::TakeSeries(const telemetry::MetricsPayload& payload) {
  for (const auto& wire : payload.new_series()) {
    if (series_.size() >= std::size_t{limits_.series} * 2) {
      return Invalid("new_series: more than " + std::to_string(limits_.series * 2) +
                     " series on one stream");
    }
    auto series = SeriesFrom(wire);
    if (!series) return series.error();
    series_.push_back(series_.size() < limits_.series ? intern_(*series) : std::nullopt);
  }
  return {};
}

Status PayloadDecoder::BeginBatch(const telemetry::SampleBatch& batch, WallTime now) {
  auto positions = PositionsFrom(batch, limits_.batch.samples);
  if (!positions) return positions.error();
  batch_.emplace(Batch{.samples = SamplesDecoder(batch.columns(), series_, limits_.batch),
                       .positions = *std::move(positions),
                       .clock = ClockTrustFrom(batch),
                       .now = now});
  return {};
}

bool PayloadDecoder::Continue(std::size_t values, FeedMessage& message) {
  if (!batch_) return true;
  auto decoded = batch_->samples.Step(values);
  if (!decoded) return false;
  TakeBatch(*std::move(decoded), message);
  batch_.reset();
  return true;
}

// Columns that cannot be read cost the batch: sent again, it would be no better.
void PayloadDecoder::TakeBatch(Result<DecodedSamples> decoded, FeedMessage& message) {
  const std::vector<StreamPosition>& positions = batch_->positions;
  if (!decoded || decoded->samples.size() != positions.size()) {
    const std::string why = decoded ? "batch.columns has more or fewer samples than batch.count"
                                    : "batch.columns: " + decoded.error().message;
    for (const StreamPosition& position : positions) message.rejected.push_back({position, why});
    return;
  }
  dropped_readings_ += decoded->dropped_readings;
  message.samples.reserve(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    Sample& sample = decoded->samples[i];
    sample.position = positions[i];
    sample.clock = batch_->clock;
    if (const Status valid = CheckSample(sample, batch_->now, limits_.future); !valid) {
      message.rejected.push_back({sample.position, valid.error().message});
    } else {
      message.samples.push_back(std::move(sample));
    }
  }
}

Status PayloadDecoder::TakeOriginal(const telemetry::MetricsPayload& payload, WallTime now,
                                    FeedMessage& message) const {
  Sample sample;
  sample.cpu_usage_percent = payload.cpu_usage();
  sample.memory_used_mib = payload.memory_mb();
  if (Status headline = CheckHeadline(sample); !headline) return headline;
  if (Status time = CheckTime(payload.timestamp_ms(), now, limits_.future); !time) return time;
  sample.time = FromUnixMillis(payload.timestamp_ms());
  message.samples.push_back(std::move(sample));
  return {};
}

}  // namespace edgefeed
