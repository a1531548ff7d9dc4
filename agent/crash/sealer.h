#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "agent/crash/dump_reader.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/compress/zstd_stream.h"
#include "common/corefile/core_reducer.h"
#include "common/digest/sha256.h"

namespace edgefeed {

// Whether all of a dump is kept, or what a CoreReducer leaves of it.
enum class SealForm { kFull, kStacks };

struct SealedBytes {
  std::uint64_t size_bytes = 0;
  Sha256Digest sha256{};
  std::string compression;  // As in DumpInfo.
};

// Makes the bytes that are sent: reads the source once, packs it, hashes what comes out, and writes
// it to a file. Bytes that are packed already stay as they are. A file that is not finished goes
// away with the sealer.
class Sealer {
 public:
  // Whether `more` bytes may follow those that are written.
  using HasRoom = std::function<bool(std::uint64_t written, std::uint64_t more)>;

  // `source` must outlive it.
  static Result<Sealer> Create(int source, SealForm form, std::filesystem::path file,
                               HasRoom has_room);
  ~Sealer();
  Sealer(Sealer&&) noexcept = default;
  Sealer& operator=(Sealer&&) = delete;
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // Goes on for up to 1 MiB of the source; true: that was the end. RESOURCE_EXHAUSTED: there is no
  // room; DATA_LOSS: it cannot be reduced.
  Result<bool> Step();
  // Once, after the end: all is on stable storage under the file's name.
  Result<SealedBytes> Finish();

 private:
  Sealer(int source, SealForm form, std::filesystem::path file, UniqueFd fd, HasRoom has_room);

  Status Take(const DumpReader::Piece& piece);
  Status Write();

  DumpReader reader_;
  SealForm form_;
  std::filesystem::path file_;  // Empty: it is finished, or another sealer's.
  UniqueFd fd_;
  HasRoom has_room_;
  std::unique_ptr<CoreReducer> reducer_;
  ZstdCompressor zstd_;
  Sha256 sha256_;
  std::string reduced_;
  std::string out_;  // Not written yet.
  SealedBytes sealed_;
  std::uint64_t synced_ = 0;
};

}  // namespace edgefeed
