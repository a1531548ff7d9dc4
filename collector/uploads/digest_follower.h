#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/digest/sha256.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Computes the SHA-256 of a file while it grows, on a strand of its own, because it is slower than
// the network. Reads the file's bytes again (from memory, when they are new): so it needs no queue,
// and a file of an earlier run is nothing special. Works in small steps, for several share the
// strand; ends when its owner lets go of it.
class DigestFollower : public std::enable_shared_from_this<DigestFollower> {
 public:
  using Done = std::function<void(Result<Sha256Digest>)>;

  // `strand` must outlive it.
  DigestFollower(Scheduler& strand, std::filesystem::path file)
      : strand_(strand), file_(std::move(file)) {}

  // All below from any thread. The bytes before `end` are in the file and stay as they are.
  void Follow(std::uint64_t end);
  // Once, when these are all: `done` is called on its strand.
  void Finish(std::uint64_t end, Done done);

 private:
  void SetEnd(std::uint64_t end);
  void Step();
  Status HashNext();
  void Tell(Result<Sha256Digest> result);

  Scheduler& strand_;
  const std::filesystem::path file_;
  // On the strand.
  UniqueFd fd_;
  Sha256 hash_;
  std::uint64_t hashed_ = 0;
  std::uint64_t end_ = 0;
  bool stepping_ = false;  // A step has been posted.
  Status failed_;
  Done done_;
};

}  // namespace edgefeed
