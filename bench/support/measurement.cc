#include "bench/support/measurement.h"

#include <unistd.h>

#include "bench/support/process_usage.h"

namespace edgefeed::bench {

Result<Measurement> Measurement::Create(pid_t server) {
  Measurement measurement(server);
  if (server == 0) return measurement;
  const auto rss = ResidentSize(server);
  if (!rss) return rss.error();
  measurement.rss_before_ = *rss;
  return measurement;
}

Status Measurement::Begin() {
  auto moment = Now();
  if (!moment) return moment.error();
  begin_ = *moment;
  return {};
}

Status Measurement::End() {
  auto moment = Now();
  if (!moment) return moment.error();
  end_ = *moment;
  if (server_ == 0) return {};
  const auto rss = ResidentSize(server_);
  if (!rss) return rss.error();
  rss_after_ = *rss;
  return {};
}

Result<Measurement::Moment> Measurement::Now() const {
  Moment moment{.when = SystemClock().Steady(), .wire = OpenSocketsUsage()};
  const auto own = CpuTime(::getpid());
  if (!own) return own.error();
  moment.client_cpu = *own;
  if (server_ == 0) return moment;
  const auto cpu = CpuTime(server_);
  if (!cpu) return cpu.error();
  moment.server_cpu = *cpu;
  return moment;
}

void Measurement::Report(JsonLine& line) const {
  using Microseconds = std::chrono::duration<double, std::micro>;
  line.Add("seconds", elapsed().count())
      .Add("client_cpu_us", Microseconds(end_.client_cpu - begin_.client_cpu).count());
  if (server_ != 0) {
    line.Add("server_cpu_us", Microseconds(end_.server_cpu - begin_.server_cpu).count())
        .Add("server_rss_before_bytes", rss_before_.count)
        .Add("server_rss_after_bytes", rss_after_.count);
  }
  const auto wire = end_.wire - begin_.wire;
  line.Add("wire_bytes_in", wire.bytes_sent)
      .Add("wire_bytes_out", wire.bytes_received)
      .Add("wire_segments", wire.segments_sent + wire.segments_received);
}

}  // namespace edgefeed::bench
