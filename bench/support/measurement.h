#pragma once

#include <sys/types.h>

#include <chrono>

#include "bench/support/json_line.h"
#include "bench/support/tcp_usage.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/units.h"

namespace edgefeed::bench {

// What the server and the wire cost while a client drives them: the server's CPU and memory from
// outside, the wire from the client's own sockets. Taken in the client so that the window in which
// payloads are counted is exactly the window in which the cost is.
class Measurement {
 public:
  // Before any connection is made. `server` 0 leaves the server out.
  static Result<Measurement> Create(pid_t server);

  Status Begin();
  Status End();

  [[nodiscard]] std::chrono::duration<double> elapsed() const { return end_.when - begin_.when; }
  // Adds "seconds", "client_…", "server_…" and "wire_…", the latter as the server sees it.
  void Report(JsonLine& line) const;

 private:
  struct Moment {
    SteadyTime when;
    std::chrono::nanoseconds server_cpu{0};
    std::chrono::nanoseconds client_cpu{0};  // Of this process.
    TcpUsage wire;
  };

  explicit Measurement(pid_t server) : server_(server) {}
  [[nodiscard]] Result<Moment> Now() const;

  pid_t server_;
  Bytes rss_before_;
  Bytes rss_after_;
  Moment begin_;
  Moment end_;
};

}  // namespace edgefeed::bench
