#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "ctl/client.h"

namespace edgefeed {

// A backup on its way to a directory of this host: DIR.partial until all of it is on stable
// storage, then DIR.
class BackupDirectory final : public BackupSink {
 public:
  // Called with the bytes written so far, and with those that are expected.
  using OnProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

  // ALREADY_EXISTS when there is something in `directory`, or a partial one beside it.
  static Result<BackupDirectory> Create(const std::filesystem::path& directory);

  void SetProgress(OnProgress on_progress) { on_progress_ = std::move(on_progress); }

  void Expect(const BackupAmount& planned) override { planned_ = planned; }
  Status Take(const BackupPiece& piece) override;

  // Makes it DIR.
  Status Publish();
  // Removes the partial directory if nothing came. Whether it is still there.
  bool Abandon();

  // Whole files.
  [[nodiscard]] const BackupAmount& received() const { return received_; }
  [[nodiscard]] const std::filesystem::path& partial() const { return partial_; }

 private:
  BackupDirectory(std::filesystem::path directory, std::filesystem::path partial)
      : directory_(std::move(directory)), partial_(std::move(partial)) {}

  Status Begin(const BackupPiece& piece);
  Status Write(std::string_view data);
  Status EndFile();

  std::filesystem::path directory_;
  std::filesystem::path partial_;
  BackupAmount planned_;
  BackupAmount received_;
  std::string path_;  // Of the file that is coming.
  UniqueFd file_;
  std::uint64_t written_bytes_ = 0;  // Of it.
  OnProgress on_progress_;
};

}  // namespace edgefeed
