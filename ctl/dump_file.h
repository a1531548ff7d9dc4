#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"
#include "ctl/dump_client.h"

namespace edgefeed {

// A dump on its way to a file of this host: FILE.partial, as it is stored, until all of it is there
// and right; then FILE, unpacked unless its name ends in ".zst".
class DumpFile final : public DumpSink {
 public:
  using OnProgress = std::function<void(std::uint64_t done_bytes)>;

  // Goes on with a FILE.partial that is there. ALREADY_EXISTS when FILE is.
  static Result<DumpFile> Open(std::filesystem::path file, const DumpEntry& dump);

  void SetProgress(OnProgress on_progress) { on_progress_ = std::move(on_progress); }
  [[nodiscard]] std::uint64_t received_bytes() const { return received_bytes_; }

  Status Expect(std::uint64_t size_bytes, const Sha256Digest& sha256) override;
  Status Take(std::string_view bytes) override;

  // The size of FILE, which is there now. DATA_LOSS when the bytes are not those of the dump: then
  // FILE.partial is gone, so that the next try begins anew.
  Result<Bytes> Publish();

 private:
  DumpFile(std::filesystem::path file, const DumpEntry& dump);

  Status Verify();
  Result<Bytes> Unpack();
  Status Rename(const std::filesystem::path& from);

  std::filesystem::path file_;
  std::filesystem::path partial_;
  std::uint64_t size_bytes_;
  Sha256Digest sha256_;
  bool unpack_;
  UniqueFd fd_;
  std::uint64_t received_bytes_ = 0;
  OnProgress on_progress_;
};

}  // namespace edgefeed
