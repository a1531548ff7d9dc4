#include "common/wire/payload.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "telemetry.pb.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kMaxText = 256;
// A machine with an exbibyte of memory does not exist; a broken sender does.
constexpr double kMaxMemoryMib = 1e12;

Error Invalid(std::string_view field, double value, std::string_view allowed) {
  std::ostringstream text;
  text << field << " is " << value << ", " << allowed;
  return Error{Code::kInvalidArgument, text.str()};
}

Status CheckHeadline(const telemetry::MetricsPayload& payload, const PayloadLimits& limits,
                     WallTime now) {
  if (!(payload.cpu_usage() >= 0 && payload.cpu_usage() <= 100)) {
    return Invalid("cpu_usage", payload.cpu_usage(), "allowed is 0 to 100 percent");
  }
  if (!(payload.memory_mb() >= 0 && payload.memory_mb() <= kMaxMemoryMib)) {
    return Invalid("memory_mb", payload.memory_mb(), "allowed is 0 to 1e12 MiB");
  }
  const std::uint64_t latest = UnixMillis(now + limits.future);
  if (payload.timestamp_ms() > latest) {
    return Error{Code::kInvalidArgument,
                 "timestamp_ms is " + std::to_string(payload.timestamp_ms()) + ", more than " +
                     std::to_string(limits.future.count() / 1000) +
                     " s ahead of the collector's clock"};
  }
  return {};
}

Result<Series> FromWire(const telemetry::Series& wire) {
  if (wire.metric().empty() || wire.metric().size() > kMaxText) {
    return Error{Code::kInvalidArgument, "new_series has a metric name of " +
                                             std::to_string(wire.metric().size()) +
                                             " bytes, allowed is 1 to 256"};
  }
  Series series{.metric = wire.metric(), .labels = {}};
  for (const auto& label : wire.labels()) {
    if (series.labels.size() == kMaxLabels || label.name().size() > kMaxText ||
        label.value().size() > kMaxText) {
      return Error{Code::kInvalidArgument,
                   "new_series " + wire.metric() + " has too many or too long labels"};
    }
    series.labels.push_back({label.name(), label.value()});
  }
  return series;
}

// Never cut inside a UTF-8 character: a message with half of one cannot be parsed.
std::string Bounded(const std::string& text) {
  std::size_t size = std::min(text.size(), kMaxText);
  const auto continues = [&] { return (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U; };
  while (size < text.size() && size > 0 && continues()) --size;
  return text.substr(0, size);
}

}  // namespace

DeviceInfo FromWire(const telemetry::DeviceInfo& wire) {
  DeviceInfo info{.boot_id = Bounded(wire.boot_id()),
                  .run_id = Bounded(wire.run_id()),
                  .agent_version = Bounded(wire.agent_version()),
                  .kernel_release = Bounded(wire.kernel_release()),
                  .machine = Bounded(wire.machine()),
                  .operating_system = Bounded(wire.operating_system()),
                  .labels = {}};
  for (const auto& label : wire.labels()) {
    if (info.labels.size() == kMaxLabels) break;
    info.labels.push_back({Bounded(label.name()), Bounded(label.value())});
  }
  return info;
}

void ToWire(const DeviceInfo& info, telemetry::DeviceInfo& wire) {
  wire.set_boot_id(info.boot_id);
  wire.set_run_id(info.run_id);
  wire.set_agent_version(info.agent_version);
  wire.set_kernel_release(info.kernel_release);
  wire.set_machine(info.machine);
  wire.set_operating_system(info.operating_system);
  for (const Label& label : info.labels) {
    auto* added = wire.add_labels();
    added->set_name(label.name);
    added->set_value(label.value);
  }
}

PayloadEncoder::PayloadEncoder(std::string device_name, DeviceInfo info, const SeriesTable& series)
    : device_name_(std::move(device_name)), info_(std::move(info)), series_(series) {}

void PayloadEncoder::EncodeOriginal(const Sample& sample,
                                    telemetry::MetricsPayload& payload) const {
  payload.Clear();
  payload.set_service_name(device_name_);
  payload.set_cpu_usage(sample.cpu_usage_percent);
  payload.set_memory_mb(sample.memory_used_mib);
  payload.set_timestamp_ms(UnixMillis(sample.time));
}

void PayloadEncoder::EncodeFull(const Sample& sample, telemetry::MetricsPayload& payload) {
  EncodeOriginal(sample, payload);
  payload.set_sequence(sample.sequence);
  if (!std::exchange(info_sent_, true)) ToWire(info_, *payload.mutable_device());
  sent_.resize(series_.size());
  for (const Reading& reading : sample.readings) {
    auto& number = sent_[reading.series];
    if (!number) {
      number = sent_count_++;
      const Series& series = series_[reading.series];
      auto* added = payload.add_new_series();
      added->set_metric(series.metric);
      for (const Label& label : series.labels) {
        auto* added_label = added->add_labels();
        added_label->set_name(label.name);
        added_label->set_value(label.value);
      }
    }
    payload.add_reading_series(*number);
    payload.add_reading_value(reading.value);
  }
}

void PayloadEncoder::EncodePing(telemetry::MetricsPayload& payload) const {
  payload.Clear();
  payload.set_service_name(device_name_);
  payload.set_ping(true);
}

PayloadDecoder::PayloadDecoder(const PayloadLimits& limits, InternSeries intern)
    : limits_(limits), intern_(std::move(intern)) {}

Result<Sample> PayloadDecoder::Decode(const telemetry::MetricsPayload& payload, WallTime now) {
  if (const Status name = CheckDeviceName(payload.service_name()); !name) return name.error();
  if (const Status headline = CheckHeadline(payload, limits_, now); !headline) {
    return headline.error();
  }
  if (payload.has_device()) {
    info_ = std::make_shared<const DeviceInfo>(FromWire(payload.device()));
  }
  if (const Status series = TakeSeries(payload); !series) return series.error();
  Sample sample{.sequence = payload.sequence(),
                .time = FromUnixMillis(payload.timestamp_ms()),
                .since_boot = {},
                .cpu_usage_percent = payload.cpu_usage(),
                .memory_used_mib = payload.memory_mb(),
                .readings = {}};
  if (const Status readings = TakeReadings(payload, sample); !readings) return readings.error();
  return sample;
}

// Series over the limit are remembered as absent, so that the sender's numbers stay right.
Status PayloadDecoder::TakeSeries(const telemetry::MetricsPayload& payload) {
  for (const auto& wire : payload.new_series()) {
    if (series_.size() >= std::size_t{limits_.series} * 2) {
      return Error{
          Code::kInvalidArgument,
          "new_series: more than " + std::to_string(limits_.series * 2) + " series on one stream"};
    }
    auto series = FromWire(wire);
    if (!series) return series.error();
    series_.push_back(series_.size() < limits_.series ? intern_(*series) : std::nullopt);
  }
  return {};
}

Status PayloadDecoder::TakeReadings(const telemetry::MetricsPayload& payload, Sample& sample) {
  if (payload.reading_series_size() != payload.reading_value_size()) {
    return Error{Code::kInvalidArgument,
                 "reading_series has " + std::to_string(payload.reading_series_size()) +
                     " entries and reading_value " + std::to_string(payload.reading_value_size())};
  }
  sample.readings.reserve(static_cast<std::size_t>(payload.reading_series_size()));
  for (int i = 0; i < payload.reading_series_size(); ++i) {
    const std::uint32_t number = payload.reading_series(i);
    if (number >= series_.size()) {
      return Error{Code::kInvalidArgument,
                   "reading_series " + std::to_string(number) + " was never announced"};
    }
    if (!std::isfinite(payload.reading_value(i))) {
      return Invalid("reading_value", payload.reading_value(i), "allowed is a finite number");
    }
    if (series_[number]) {
      sample.readings.push_back({*series_[number], payload.reading_value(i)});
    } else {
      ++dropped_readings_;
    }
  }
  return {};
}

}  // namespace edgefeed
