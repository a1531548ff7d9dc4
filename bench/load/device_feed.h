#pragma once

#include <grpcpp/client_context.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/feed_totals.h"
#include "bench/load/payload_source.h"
#include "bench/support/completion_loop.h"
#include "common/base/clock.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed::bench {

enum class Pacing {
  kOnSchedule,  // A payload each time Send() is called.
  kClosedLoop,  // A payload as soon as the one before is written, and its alert, if any, is back.
};

struct FeedOptions {
  Pacing pacing = Pacing::kOnSchedule;
  std::uint64_t alerts_every = 0;  // Each n-th payload is over the threshold; 0: none.
  std::size_t readings = 0;        // 0 plays an original client, anything else our agent.
  // Samples of each payload, as an agent sends them that was offline; 0: one of now.
  std::size_t backlog = 0;
};

// One device's LiveFeed, on the thread of a CompletionLoop. In a closed loop the wait for each
// alert bounds what is under way. A write is done when the transport has the payload: without the
// wait a thousand of each device would lie in buffers and count as served, and the client's gRPC,
// which looks at its sockets only when it has nothing else to do, would leave the alerts there too.
// A backlog waits for what is stored: at most a few batches are under way.
class DeviceFeed {
 public:
  // What is passed by reference must outlive the feed.
  // `number` staggers the alerts: not every device has its own in the same round.
  DeviceFeed(std::string name, std::size_t number, const FeedOptions& options,
             PayloadSource& source, FeedTotals& totals, CompletionLoop& loop);
  ~DeviceFeed() = default;
  DeviceFeed(const DeviceFeed&) = delete;
  DeviceFeed& operator=(const DeviceFeed&) = delete;

  // Opens the stream; the totals tell when it is open or has failed.
  void Open(telemetry::TelemetryService::Stub& stub);
  // In a closed loop the first call sets it going.
  void Send();
  // Ends the stream, which the totals do not count as an error.
  void Cancel();

 private:
  // A payload over the threshold. The alert brings `cpu_usage` back, and is known by it.
  struct Unanswered {
    double cpu_usage = 0;
    SteadyTime sent;
  };

  void OnOpened(bool ok);
  void OnWritten(bool ok);
  void OnRead(bool ok);
  void OnFinished();
  void TakeAlert();
  void TakeStored();
  [[nodiscard]] bool TooManyUnstored() const;
  void WritePayload();
  void WriteNextInLoop();
  [[nodiscard]] double NextCpuUsage() const;

  const std::string name_;
  const std::size_t number_;
  const FeedOptions& options_;
  PayloadSource& source_;
  FeedTotals& totals_;
  CompletionLoop& loop_;

  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientAsyncReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;
  telemetry::AlertResponse alert_;
  grpc::Status status_;
  bool open_ = false;
  bool writing_ = false;
  bool cancelled_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t stored_ = 0;  // Samples.
  std::vector<Unanswered> unanswered_;

  Operation opened_{[this](bool ok) { OnOpened(ok); }};
  Operation written_{[this](bool ok) { OnWritten(ok); }};
  Operation read_{[this](bool ok) { OnRead(ok); }};
  Operation finished_{[this](bool) { OnFinished(); }};
};

}  // namespace edgefeed::bench
