#pragma once

#include <cstdint>
#include <string>

#include "agent/ports.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/upload.h"

// The upload's view of the network: no gRPC types, so that its logic is tested without any.
namespace edgefeed {

// What happens in a call; called on the dumps strand, never by the call that asked for it.
class UploadEvents {
 public:
  virtual ~UploadEvents() = default;
  // The last Send() has left; the next may go.
  virtual void OnSent() = 0;
  // The call has ended. An error is a status, or the line's.
  virtual void OnAnswer(const Result<UploadReport>& answer) = 0;
};

struct DumpChunk {
  std::string data;
  std::uint64_t offset = 0;
  bool is_last = false;  // The dump ends with it.
};

// One connection, and one call on it at a time. On the dumps strand.
class UploadTransport {
 public:
  virtual ~UploadTransport() = default;

  // From now on calls go to this collector. Resolves the name anew, and never fails at once.
  // `events` must outlive the connection.
  virtual void Connect(const Endpoint& collector, UploadEvents& events) = 0;
  // Ends the call and the connection, if there are any. No event follows.
  virtual void Close() = 0;

  virtual void Begin(const SealedDump& dump) = 0;
  virtual void Abort(const SealedDump& dump) = 0;
  // For a collector that has answered Begin() with this epoch.
  virtual void OpenSegment(const SealedDump& dump, std::uint64_t epoch) = 0;
  // By the original contract: for the whole file only.
  virtual void OpenWhole(const SealedDump& dump) = 0;
  // At most one Send() may be unanswered by OnSent().
  virtual void Send(DumpChunk chunk) = 0;
  // No more chunks: the collector answers.
  virtual void HalfClose() = 0;
};

}  // namespace edgefeed
