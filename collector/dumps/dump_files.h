#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/digest/sha256.h"

namespace edgefeed {

// The bytes of dumps, each under its digest: DIRECTORY/ab/ab34…. On the uploads strand.
class DumpFiles {
 public:
  // Makes the directory.
  static Result<DumpFiles> Open(std::filesystem::path directory);

  // Moves a file here, which must be on the same disk and on stable storage. One with the same
  // bytes that is here already stays, and the other one is removed.
  Status Adopt(const std::filesystem::path& file, const Sha256Digest& sha256);
  [[nodiscard]] bool Has(const Sha256Digest& sha256, std::uint64_t size_bytes) const;
  Result<UniqueFd> Read(const Sha256Digest& sha256) const;
  Status Remove(const Sha256Digest& sha256) const;
  // Removes the files that nobody wants: what a crash came between.
  void RemoveUnless(const std::function<bool(const std::string& name)>& wanted);

  [[nodiscard]] std::filesystem::path PathOf(const Sha256Digest& sha256) const;

 private:
  explicit DumpFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
};

}  // namespace edgefeed
