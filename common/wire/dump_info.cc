#include "common/wire/dump_info.h"

#include <algorithm>
#include <cstddef>

#include "common/wire/bounded_text.h"
#include "common/wire/device_info.h"
#include "common/wire/utf8_text.h"
#include "dumps.pb.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxDumpText = 1024;
constexpr int kMaxModules = 1024;
constexpr int kMaxThreads = 256;
constexpr int kMaxFrames = 64;
constexpr int kMaxRegisters = 64;
constexpr std::size_t kMaxLog = std::size_t{64} << 10;
constexpr int kMaxTimes = 60;
constexpr int kMaxMetrics = 2048;
constexpr int kMaxDumpLabels = 32;

std::string Text(const std::string& text) { return BoundedText(text, kMaxDumpText); }

void FrameToWire(const DumpFrame& frame, dumps::DumpFrame& wire) {
  wire.set_module(Utf8Text(frame.module));
  wire.set_build_id(frame.build_id);
  wire.set_offset(frame.offset);
  wire.set_function(Utf8Text(frame.function));
  wire.set_source(Utf8Text(frame.source));
}

DumpFrame FrameFromWire(const dumps::DumpFrame& wire) {
  return {.module = Text(wire.module()),
          .build_id = Text(wire.build_id()),
          .offset = wire.offset(),
          .function = Text(wire.function()),
          .source = Text(wire.source())};
}

void ThreadToWire(const DumpThread& thread, dumps::DumpThread& wire) {
  wire.set_id(thread.id);
  for (const DumpFrame& frame : thread.frames) FrameToWire(frame, *wire.add_frames());
  for (const DumpRegister& value : thread.registers) {
    auto* added = wire.add_registers();
    added->set_name(value.name);
    added->set_value(value.value);
  }
}

DumpThread ThreadFromWire(const dumps::DumpThread& wire) {
  DumpThread thread{.id = wire.id(), .frames = {}, .registers = {}};
  for (int i = 0; i < std::min(wire.frames_size(), kMaxFrames); ++i) {
    thread.frames.push_back(FrameFromWire(wire.frames(i)));
  }
  for (int i = 0; i < std::min(wire.registers_size(), kMaxRegisters); ++i) {
    thread.registers.push_back({Text(wire.registers(i).name()), wire.registers(i).value()});
  }
  return thread;
}

void MetricsToWire(const DumpMetrics& metrics, dumps::DumpMetrics& wire) {
  for (const WallTime time : metrics.times) wire.add_times_ms(UnixMillis(time));
  for (const DumpMetric& metric : metrics.metrics) {
    auto* added = wire.add_metrics();
    added->mutable_series()->set_metric(metric.series.metric);
    for (const Label& label : metric.series.labels) {
      auto* pair = added->mutable_series()->add_labels();
      pair->set_name(label.name);
      pair->set_value(Utf8Text(label.value));
    }
    added->mutable_values()->Add(metric.values.begin(), metric.values.end());
  }
}

DumpMetrics MetricsFromWire(const dumps::DumpMetrics& wire) {
  DumpMetrics metrics;
  const int times = std::min(wire.times_ms_size(), kMaxTimes);
  for (int i = 0; i < times; ++i) metrics.times.push_back(FromUnixMillis(wire.times_ms(i)));
  for (int i = 0; i < std::min(wire.metrics_size(), kMaxMetrics); ++i) {
    const auto& source = wire.metrics(i);
    DumpMetric metric{.series = {.metric = Text(source.series().metric()), .labels = {}},
                      .values = {}};
    for (int k = 0; k < std::min(source.series().labels_size(), kMaxDumpLabels); ++k) {
      const auto& label = source.series().labels(k);
      metric.series.labels.push_back({Text(label.name()), Text(label.value())});
    }
    if (source.values_size() != wire.times_ms_size()) continue;  // Nobody could say which is whose.
    metric.values.assign(source.values().begin(), source.values().begin() + times);
    metrics.metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace

void ToWire(const DumpInfo& info, dumps::DumpInfo& wire) {
  wire.Clear();
  wire.set_executable(Utf8Text(info.executable));
  wire.set_command(Utf8Text(info.command));
  wire.set_pid(info.pid);
  wire.set_thread(info.thread);
  wire.set_uid(info.uid);
  wire.set_signal(info.signal);
  wire.set_signal_code(info.signal_code);
  if (info.fault_address) wire.set_fault_address(*info.fault_address);
  wire.set_crashed_at_ms(UnixMillis(info.crashed_at));
  wire.set_clock(static_cast<telemetry::ClockTrust>(info.clock));
  wire.set_boot_id(Utf8Text(info.boot_id));
  ToWire(info.device, *wire.mutable_device());
  wire.set_package(Utf8Text(info.package));
  wire.set_unit(Utf8Text(info.unit));
  wire.set_content(static_cast<dumps::DumpContent>(info.content));
  wire.set_source(static_cast<dumps::DumpSource>(info.source));
  wire.set_missing(Utf8Text(info.missing));
  wire.set_truncated(info.truncated);
  wire.set_original_bytes(info.original_bytes);
  wire.set_compression(info.compression);
  wire.set_occurrences(info.occurrences);
  wire.set_last_at_ms(UnixMillis(info.last_at));
  for (const DumpModule& module : info.modules) {
    auto* added = wire.add_modules();
    added->set_path(Utf8Text(module.path));
    added->set_build_id(module.build_id);
    added->set_start(module.start);
    added->set_end(module.end);
  }
  for (const DumpThread& thread : info.threads) ThreadToWire(thread, *wire.add_threads());
  wire.set_log_tail(info.log_tail);
  MetricsToWire(info.metrics, *wire.mutable_metrics());
}

DumpInfo FromWire(const dumps::DumpInfo& wire) {
  DumpInfo info;
  info.executable = Text(wire.executable());
  info.command = Text(wire.command());
  info.pid = wire.pid();
  info.thread = wire.thread();
  info.uid = wire.uid();
  info.signal = wire.signal();
  info.signal_code = wire.signal_code();
  if (wire.has_fault_address()) info.fault_address = wire.fault_address();
  info.crashed_at = FromUnixMillis(wire.crashed_at_ms());
  if (telemetry::ClockTrust_IsValid(wire.clock())) {
    info.clock = static_cast<ClockTrust>(wire.clock());
  }
  info.boot_id = Text(wire.boot_id());
  info.device = FromWire(wire.device());
  info.package = Text(wire.package());
  info.unit = Text(wire.unit());
  if (dumps::DumpContent_IsValid(wire.content())) {
    info.content = static_cast<DumpContent>(wire.content());
  }
  if (dumps::DumpSource_IsValid(wire.source())) {
    info.source = static_cast<DumpSource>(wire.source());
  }
  info.missing = Text(wire.missing());
  info.truncated = wire.truncated();
  info.original_bytes = wire.original_bytes();
  info.compression = Text(wire.compression());
  info.occurrences = std::max<std::uint64_t>(wire.occurrences(), 1);
  info.last_at = FromUnixMillis(wire.last_at_ms());
  for (int i = 0; i < std::min(wire.modules_size(), kMaxModules); ++i) {
    const auto& module = wire.modules(i);
    info.modules.push_back({.path = Text(module.path()),
                            .build_id = Text(module.build_id()),
                            .start = module.start(),
                            .end = module.end()});
  }
  for (int i = 0; i < std::min(wire.threads_size(), kMaxThreads); ++i) {
    info.threads.push_back(ThreadFromWire(wire.threads(i)));
  }
  info.log_tail = wire.log_tail().substr(0, kMaxLog);
  info.metrics = MetricsFromWire(wire.metrics());
  return info;
}

std::string EncodeDumpInfo(const DumpInfo& info) {
  dumps::DumpInfo wire;
  ToWire(info, wire);
  return wire.SerializeAsString();
}

Result<DumpInfo> DecodeDumpInfo(std::string_view bytes) {
  dumps::DumpInfo wire;
  if (!wire.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error{Code::kDataLoss, "not the description of a dump"};
  }
  return FromWire(wire);
}

}  // namespace edgefeed
