#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "agent/ports.h"
#include "agent/upload/prefix.h"
#include "agent/upload/token_bucket.h"
#include "agent/upload/transport.h"
#include "common/base/units.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Sends bytes of one dump over the transport's open call, a chunk at a time, no faster than the
// rate allows. A segment ends early when its time is up or somebody else needs the line; a file
// that is sent whole waits for the line instead. On the dumps strand.
class ChunkSender {
 public:
  // The server keeps multiples of this, so a segment with less would be lost work.
  static constexpr std::uint64_t kGridBytes = std::uint64_t{64} << 10;
  // Where no rate is to be kept, large chunks: each costs a turn through gRPC's threads.
  static constexpr std::uint64_t kMostChunkBytes = std::uint64_t{256} << 10;

  enum class Form { kSegment, kWhole };
  struct Stretch {
    std::string id;
    std::uint64_t size_bytes = 0;  // Of the dump.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t chunk_bytes = kGridBytes;  // At most.
    Form form = Form::kSegment;
  };
  // The stretch has been sent and the call half-closed; or why not: DEADLINE_EXCEEDED when a chunk
  // did not leave, else the dump cannot be read.
  using Done = std::function<void(const Status&)>;

  // All references must outlive it. `rate`: a second; 0: no limit. What is sent is made known to
  // `prefix`.
  ChunkSender(Scheduler& scheduler, UploadTransport& transport, DumpQueue& queue, Prefix& prefix,
              Bytes rate);

  void Start(Stretch stretch, Done done);
  void OnSent();
  void Pause() { paused_ = true; }
  void Resume();
  // `done` is not called any more.
  void Cancel();

  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }  // Of the stretch.

 private:
  void SendNext();
  [[nodiscard]] bool AtEnd() const;
  // Waits until the rate allows a chunk.
  bool MustWait();
  Result<std::string> ReadNext();
  void Finish(const Status& status);

  Scheduler& scheduler_;
  UploadTransport& transport_;
  DumpQueue& queue_;
  Prefix& prefix_;
  TokenBucket bucket_;
  const std::uint64_t most_bytes_;  // In a chunk, by the rate.

  Stretch stretch_;
  Done done_;  // Null: nothing is to be sent.
  std::uint64_t sent_bytes_ = 0;
  SteadyTime ends_;
  bool sent_last_ = false;
  bool sending_ = false;
  bool paused_ = false;
  Timer pace_;
  Timer stall_;
};

}  // namespace edgefeed
