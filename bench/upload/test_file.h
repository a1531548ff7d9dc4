#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"
#include "common/digest/sha256.h"

namespace edgefeed::bench {

// A file of random bytes, which is removed at the end.
class TestFile {
 public:
  // In a directory that is there.
  static Result<TestFile> Create(const std::filesystem::path& directory, Bytes size);

  [[nodiscard]] Result<std::string> Read(std::uint64_t offset, std::size_t most) const;
  [[nodiscard]] Bytes size() const { return size_; }
  [[nodiscard]] const Sha256Digest& sha256() const { return sha256_; }

 private:
  TestFile(UniqueFd fd, Bytes size) : fd_(std::move(fd)), size_(size) {}
  Status Fill();

  UniqueFd fd_;  // Its name is gone already.
  Bytes size_;
  Sha256Digest sha256_{};
};

}  // namespace edgefeed::bench
