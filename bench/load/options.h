#pragma once

#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "bench/load/device_feed.h"

namespace edgefeed::bench {

struct LoadOptions {
  std::string target;
  std::string name_prefix = "bench-";
  std::string ca;            // File of the authority; empty: plaintext.
  std::string certificates;  // Directory of bench-certificates; empty: without client certificate.
  std::size_t devices = 1;
  std::size_t connections = 0;  // 0: one per device.
  double rate_hz = 1;           // 0: closed loop.
  std::chrono::milliseconds connect_timeout{120'000};
  std::chrono::milliseconds warmup{2000};
  std::chrono::milliseconds duration{10'000};
  pid_t server_pid = 0;  // 0: none.
  FeedOptions feed;
};

void AddOptions(CLI::App& app, LoadOptions& options);

}  // namespace edgefeed::bench
