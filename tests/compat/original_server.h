#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "telemetry.grpc.pb.h"

namespace edgefeed::compat {

// An uploaded file, as an original server understands it.
struct ReceivedFile {
  std::string name;
  std::string bytes;
  bool has_unknown_fields = false;  // In any chunk.
};

// What original servers have received, over their restarts. Thread-safe.
class Received {
 public:
  void Add(const telemetry::MetricsPayload& payload);
  // Waits until `count` payloads in all have come; false when the time runs out.
  bool WaitFor(std::size_t count, std::chrono::milliseconds within);
  // Waits for a payload that was sampled after this Unix time.
  bool WaitForSampleAfter(std::uint64_t ms, std::chrono::milliseconds within);
  [[nodiscard]] std::vector<telemetry::MetricsPayload> Payloads() const;

  // A file that has come whole.
  void AddFile(ReceivedFile file);
  bool WaitForFiles(std::size_t count, std::chrono::milliseconds within);
  [[nodiscard]] std::vector<ReceivedFile> Files() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<telemetry::MetricsPayload> payloads_;
  std::vector<ReceivedFile> files_;
};

// A server as it was written for the original contract: plain synchronous gRPC. It answers the
// first payload of each feed with an alert, and breaks off the first upload in its third chunk.
class OriginalServer {
 public:
  // Listens on this port of 127.0.0.1; 0 takes a free one. `received` must outlive the server.
  OriginalServer(Received& received, std::uint16_t port);
  // Breaks off whatever is going on.
  ~OriginalServer();
  OriginalServer(const OriginalServer&) = delete;
  OriginalServer& operator=(const OriginalServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }

 private:
  class Service;
  class Uploads;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Uploads> uploads_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace edgefeed::compat
