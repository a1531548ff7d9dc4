#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/ports.h"
#include "collector/stats.h"

namespace edgefeed {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using MetricLabels = std::vector<ClientMetric::Label>;

constexpr MetricType kCounter = MetricType::Counter;
constexpr MetricType kGauge = MetricType::Gauge;

// A metric that is a number of some struct.
template <typename Stats, typename Member>
struct StatMetric {
  const char* name;
  MetricType type;
  Member Stats::* member;
  const char* help;
};

inline void AddValue(MetricFamily& family, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (family.type == kCounter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

// The text of /metrics, family by family.
class Page {
 public:
  MetricFamily& Family(const char* name, MetricType type, const char* help) {
    families_.push_back({.name = name, .help = help, .type = type, .metric = {}});
    return families_.back();
  }

  void Value(const char* name, MetricType type, const char* help, double value) {
    AddValue(Family(name, type, help), value, {});
  }

  template <typename Stats, typename Member>
  void Values(const Stats& stats, std::span<const StatMetric<Stats, Member>> metrics) {
    for (const auto& metric : metrics) {
      const std::uint64_t value = stats.*metric.member;
      Value(metric.name, metric.type, metric.help, static_cast<double>(value));
    }
  }

  void PerRemote(const char* name, MetricType type, const char* help,
                 const std::deque<RemoteWriteStats>& remotes,
                 const std::function<double(const RemoteWriteStats&)>& read) {
    MetricFamily& family = Family(name, type, help);
    for (const auto& remote : remotes) AddValue(family, read(remote), {{"remote", remote.name}});
  }

  template <typename Read>
  void PerDevice(const char* name, MetricType type, const char* help,
                 std::span<const DeviceSnapshot> devices, Read read) {
    MetricFamily& family = Family(name, type, help);
    family.metric.reserve(devices.size());
    for (const auto& device : devices) AddValue(family, read(device), {{"device", device.name}});
  }

  // A counter for each reason. Reasons without a name are none.
  template <std::size_t N>
  void PerReason(const char* name, const char* help, const std::array<std::string_view, N>& reasons,
                 const std::array<CollectorStats::Value, N>& values) {
    MetricFamily& family = Family(name, kCounter, help);
    for (std::size_t i = 0; i < N; ++i) {
      if (reasons[i].empty()) continue;
      AddValue(family, static_cast<double>(values[i]), {{"reason", std::string(reasons[i])}});
    }
  }

  // Only of devices that have sent one since the collector started.
  template <typename Read>
  void PerSample(const char* name, const char* help, std::span<const DeviceSnapshot> devices,
                 Read read) {
    MetricFamily& family = Family(name, kGauge, help);
    for (const auto& device : devices) {
      if (device.has_sample) AddValue(family, read(device), {{"device", device.name}});
    }
  }

  [[nodiscard]] std::string Text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

}  // namespace edgefeed
