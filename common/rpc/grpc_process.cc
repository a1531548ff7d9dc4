#include "common/rpc/grpc_process.h"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace edgefeed {
namespace {

constexpr std::int64_t kQuietSeconds = 10;

// The lines of one library, which come from any thread and without a context: hence the atomics.
class SlowLog {
 public:
  void Warn(const char* library, const char* message) {
    const std::int64_t now = gpr_now(GPR_CLOCK_MONOTONIC).tv_sec;
    std::int64_t due = next_line_at_.load();
    if (now < due || !next_line_at_.compare_exchange_strong(due, now + kQuietSeconds)) {
      ++left_out_;
      return;
    }
    spdlog::warn("{}: {} ({} more left out)", library, message, left_out_.exchange(0));
  }

 private:
  std::atomic<std::int64_t> next_line_at_{0};
  std::atomic<std::uint64_t> left_out_{0};
};

void LogGrpcError(gpr_log_func_args* line) {
  static SlowLog log;
  if (line->severity == GPR_LOG_SEVERITY_ERROR) log.Warn("gRPC", line->message);
}

void LogProtobufError(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/,
                      const std::string& message) {
  static SlowLog log;
  if (level >= google::protobuf::LOGLEVEL_ERROR) log.Warn("protobuf", message.c_str());
}

}  // namespace

void PrepareGrpc() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  google::protobuf::SetLogHandler(LogProtobufError);
  if (std::getenv("GRPC_VERBOSITY") != nullptr) return;  // NOLINT(concurrency-mt-unsafe)
  gpr_set_log_function(LogGrpcError);
}

}  // namespace edgefeed
