#include "common/rpc/grpc_process.h"

#include <absl/synchronization/mutex.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace edgefeed {
namespace {

constexpr std::int64_t kQuietSeconds = 10;

// gRPC calls this from any of its threads and passes no context: hence the two atomics.
void LogGrpcError(gpr_log_func_args* line) {
  static std::atomic<std::int64_t> next_line_at{0};
  static std::atomic<std::uint64_t> left_out{0};
  if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
  const std::int64_t now = gpr_now(GPR_CLOCK_MONOTONIC).tv_sec;
  std::int64_t due = next_line_at.load();
  if (now < due || !next_line_at.compare_exchange_strong(due, now + kQuietSeconds)) {
    ++left_out;
    return;
  }
  spdlog::warn("gRPC: {} ({} more left out)", line->message, left_out.exchange(0));
}

}  // namespace

void PrepareGrpc() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (std::getenv("GRPC_VERBOSITY") != nullptr) return;  // NOLINT(concurrency-mt-unsafe)
  gpr_set_log_function(LogGrpcError);
}

}  // namespace edgefeed
