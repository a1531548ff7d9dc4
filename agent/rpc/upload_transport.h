#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/upload/transport.h"
#include "common/model/shared_tls.h"

namespace edgefeed {

class Strand;

// Uploads over gRPC. Each connection has a channel of its own: on the feed's, a dump would stand in
// the way of samples. On the dumps strand.
class GrpcUploadTransport final : public UploadTransport {
 public:
  // `strand` must outlive the transport. Each connection uses what `tls` holds when it is opened;
  // null: plaintext.
  GrpcUploadTransport(Strand& strand, std::string device_name,
                      std::shared_ptr<const SharedTls> tls);
  ~GrpcUploadTransport() override;
  GrpcUploadTransport(const GrpcUploadTransport&) = delete;
  GrpcUploadTransport& operator=(const GrpcUploadTransport&) = delete;

  void Connect(const Endpoint& collector, UploadEvents& events) override;
  void Close() override;
  void Begin(const SealedDump& dump) override;
  void Abort(const SealedDump& dump) override;
  void OpenSegment(const SealedDump& dump, std::uint64_t epoch) override;
  void OpenWhole(const SealedDump& dump) override;
  void Send(DumpChunk chunk) override;
  void HalfClose() override;

  // Calls `done` when gRPC has let go of every call; only then may the transport go. After Close().
  void WhenIdle(std::function<void()> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgefeed
