#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/ports.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// The checksum of a dump's first bytes, which tells whether the collector has the same. Knows those
// that went by in order, and reads others. On the dumps strand.
class Prefix {
 public:
  // Both must outlive it.
  Prefix(Scheduler& scheduler, DumpQueue& queue) : scheduler_(scheduler), queue_(queue) {}

  // A dump of this id, from its beginning.
  void Reset(std::string id);
  // These bytes are at `offset`.
  void Add(std::uint64_t offset, std::string_view bytes);
  // Calls `done` with the CRC-32C of the first `bytes` bytes, in small steps of reading; not before
  // it returns. Cancel() or Reset() keeps it from being called.
  void Checksum(std::uint64_t bytes, std::function<void(Result<std::uint32_t>)> done);
  void Cancel() { step_.Cancel(); }

 private:
  void Step(std::uint64_t target);
  Status ReadSome(std::uint64_t target);

  Scheduler& scheduler_;
  DumpQueue& queue_;
  std::string id_;
  std::uint64_t bytes_ = 0;
  std::uint32_t crc_ = 0;
  std::function<void(Result<std::uint32_t>)> done_;
  Timer step_;
};

}  // namespace edgefeed
