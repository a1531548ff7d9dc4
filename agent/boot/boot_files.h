#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "agent/boot/boot_record.h"
#include "agent/boot/life_mark.h"
#include "common/base/result.h"

namespace edgefeed {

// What is kept on disk about boots: FORMAT.md. What is damaged or from a newer program is told of
// in the log, and counts as not there.
class BootFiles {
 public:
  explicit BootFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  [[nodiscard]] std::optional<BootRecord> ReadRecord() const;
  [[nodiscard]] std::optional<LifeMark> ReadAlive() const;
  [[nodiscard]] std::optional<LifeMark> ReadShutdown() const;
  [[nodiscard]] bool ShutdownsAreNoted() const;

  // On stable storage on return.
  [[nodiscard]] Status WriteRecord(const BootRecord& record) const;
  [[nodiscard]] Status WriteShutdown(const LifeMark& mark) const;
  [[nodiscard]] Status RemoveShutdown() const;
  [[nodiscard]] Status ExpectShutdownNotes() const;
  // On it when the kernel sees fit, within half a minute: one block is written.
  [[nodiscard]] Status WriteAlive(const LifeMark& mark) const;

 private:
  [[nodiscard]] std::optional<LifeMark> ReadMark(const char* name) const;

  std::filesystem::path directory_;
};

}  // namespace edgefeed
