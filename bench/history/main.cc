// bench-history: what the collector's history costs on disk and in CPU, with samples of a fleet and
// a clock that runs as fast as the history can keep up. Prints one JSON line.

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/history/device_model.h"
#include "bench/history/written_bytes.h"
#include "bench/support/json_line.h"
#include "bench/support/options.h"
#include "bench/support/process_usage.h"
#include "collector/history/history.h"
#include "collector/history/retention.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed::bench {
namespace {

using namespace std::chrono_literals;

struct Options {
  std::size_t devices = 1000;
  std::chrono::milliseconds duration = 2h;
  // Of the hour at which it begins, so that a short run has the turn of an hour in it.
  std::chrono::milliseconds start = 0ms;
  std::filesystem::path directory;
};

// How long a sample takes to the collector: it arrives in a later slice.
constexpr auto kSlice = 100ms;

// Devices that sample and a history that stores it, on this thread.
class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    config_.directory = options.directory;
    scheduler_.clock().StepWall(StartOf(options) - scheduler_.WallNow());
    for (const Series& each : ModelSeries()) static_cast<void>(series_.Intern(each));
    for (std::size_t i = 0; i < options.devices; ++i) {
      const std::chrono::milliseconds phase(random_() % 1000);
      devices_.push_back({"bench-" + std::to_string(i), {random_, scheduler_.WallNow(), phase}});
    }
    std::ranges::sort(devices_, {}, [](const Device& device) { return device.model.phase(); });
  }

  Status Store() {
    auto history = History::Open(config_, scheduler_, stats_);
    if (!history) return history.error();
    auto writer = (*history)->NewWriter(
        scheduler_, series_, [](const std::string&, const std::vector<StreamPosition>&) {});
    for (const Device& device : devices_) writer->Describe(device.name, ModelInfo(device.name));
    std::size_t next = 0;
    for (auto time = 0ms; time < options_.duration; time += kSlice) {
      if (Status stored = StoreSlice(*writer, next); !stored) return stored;
    }
    return Timed([&]() -> Status {
      writer.reset();
      scheduler_.Advance(1s);
      return {};
    });
  }

  // After a crash, and then stops as it should.
  Status Reopen() {
    const auto begin = CpuTime(::getpid());
    auto history = History::Open(config_, scheduler_, stats_);
    const auto end = CpuTime(::getpid());
    if (!history) return history.error();
    if (begin && end) reopen_ = *end - *begin;
    return Timed([&]() -> Status {
      (*history)->Close();
      return {};
    });
  }

  void Report(const WrittenBytes& written) const;

 private:
  struct Device {
    std::string name;
    DeviceModel model;
  };

  static WallTime StartOf(const Options& options) {
    return FromUnixMillis(1'764'061'200'000) + options.start;  // 2025-11-25, 09:00.
  }

  // The samples of the devices whose turn it is; making them is not the history's work.
  Status StoreSlice(SampleStore& writer, std::size_t& next) {
    const auto end = scheduler_.WallNow() + kSlice;
    std::vector<std::pair<const std::string*, const Sample*>> samples;
    while (samples.size() < devices_.size()) {
      Device& device = devices_[next];
      if (device.model.due() >= end) break;
      samples.emplace_back(&device.name, &device.model.Next(random_));
      next = (next + 1) % devices_.size();
    }
    return Timed([&]() -> Status {
      scheduler_.Advance(kSlice);
      for (const auto& [device, sample] : samples) {
        if (Status stored = writer.Append(*device, *sample, scheduler_.WallNow()); !stored) {
          return stored;
        }
      }
      return {};
    });
  }

  template <typename Work>
  Status Timed(Work work) {
    const auto begin = CpuTime(::getpid());
    Status done = work();
    const auto end = CpuTime(::getpid());
    if (begin && end) cpu_ += *end - *begin;
    return done;
  }

  const Options& options_;
  HistoryConfig config_;
  ManualScheduler scheduler_;
  CollectorStats stats_;
  SeriesTable series_{kValuesPerSample};
  DeviceModel::Random random_{20'261'125};
  std::vector<Device> devices_;
  std::chrono::nanoseconds cpu_{0};
  std::chrono::nanoseconds reopen_{0};
};

void Run::Report(const WrittenBytes& written) const {
  const auto samples = static_cast<double>(stats_.history_samples);
  const double values = samples * static_cast<double>(kValuesPerSample);
  const auto per_value = [values](std::uint64_t bytes) {
    return static_cast<double>(bytes) / values;
  };
  const std::uint64_t raw = SizeOf(config_.directory / "raw").count;
  const std::uint64_t all = SizeOf(config_.directory).count;
  JsonLine line;
  line.Add("devices", options_.devices)
      .Add("samples", stats_.history_samples.load())
      .Add("stored_raw_bytes_per_value", per_value(raw))
      .Add("stored_bytes_per_value", per_value(all))
      .Add("written_log_bytes_per_value", per_value(written.log))
      .Add("written_partition_wal_bytes_per_value", per_value(written.partition_wal))
      .Add("written_partition_bytes_per_value", per_value(written.partitions))
      .Add("written_tier_bytes_per_value", per_value(written.tiers + written.tier_wal))
      .Add("written_meta_bytes_per_value", per_value(written.meta))
      .Add("written_bytes_per_value", per_value(written.total))
      .Add("device_bytes_per_value", per_value(written.device))
      .Add("write_amplification", static_cast<double>(written.total) / static_cast<double>(all))
      .Add("device_write_amplification",
           static_cast<double>(written.device) / static_cast<double>(all))
      .Add("cpu_us_per_sample", std::chrono::duration<double, std::micro>(cpu_).count() / samples)
      .Add("reopen_cpu_seconds", std::chrono::duration<double>(reopen_).count());
  line.Print();
}

Status Main(const Options& options) {
  spdlog::set_default_logger(spdlog::stderr_logger_st("bench-history"));  // stdout is for the line.
  HookSqlite();
  const auto before = ReadWrittenBytes();
  if (!before) return before.error();
  Run run(options);
  if (Status stored = run.Store(); !stored) return stored;
  if (Status opened = run.Reopen(); !opened) return opened;
  const auto written = ReadWrittenBytes();
  if (!written) return written.error();
  run.Report(*written);
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Measures what the history costs.", "bench-history");
  edgefeed::bench::Options options;
  app.add_option("--devices", options.devices,
                 "How many, each with a sample of ten values a second")
      ->capture_default_str();
  edgefeed::bench::AddDuration(app, "--duration", options.duration, "How long they run");
  edgefeed::bench::AddDuration(app, "--start", options.start, "How far into an hour they begin");
  app.add_option("--directory", options.directory, "New, on the disk in question")->required();
  CLI11_PARSE(app, argc, argv);
  if (const auto status = edgefeed::bench::Main(options); !status) {
    std::fprintf(stderr, "bench-history: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
