#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/crash/crash_config.h"
#include "agent/crash/dump_counts.h"
#include "agent/crash/dump_record.h"
#include "agent/crash/ledger_file.h"
#include "agent/ports.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// The sealed dumps on disk, each a description and mostly bytes, which never change. A dump is in
// the spool from when its description is on stable storage; before that its source counts, and
// afterwards its source is only a copy, kept until the collector has confirmed the dump. On the
// dumps strand.
class DumpSpool final : public DumpQueue {
 public:
  // Makes the directory if there is none, and removes what an interruption left in it. `ledger`
  // must outlive the spool; `new_id` makes names that never come again.
  static Result<std::unique_ptr<DumpSpool>> Open(std::filesystem::path directory,
                                                 LedgerFile& ledger, CrashConfig config,
                                                 std::function<std::string()> new_id);

  [[nodiscard]] std::string NewId() const { return new_id_(); }
  [[nodiscard]] bool Contains(const std::string& id) const { return dumps_.contains(id); }
  // Whether a dump in the spool came from this source.
  [[nodiscard]] bool Holds(const std::string& source) const;
  // Whether there is room for more descriptions of suppressed crashes.
  [[nodiscard]] bool HasRoomForDescriptions() const;
  // Where the bytes of a dump belong before it is added.
  [[nodiscard]] std::filesystem::path BytesOf(const std::string& id) const;
  // Whether `more` bytes may follow the `written` ones of a dump that is being sealed. Makes room
  // by evicting dumps that are missed less.
  bool MakeRoom(const DumpHead& sealing, std::uint64_t written, std::uint64_t more);
  // From now on the dump waits for the collector. Its bytes are in place.
  Status Add(DumpRecord record);
  // The bytes of a dump could not be sealed: it is a description from the beginning.
  void CountDropped(const std::string& why) { ++dropped_[why]; }
  // Drops what has waited for too long.
  void DropExpired();

  std::optional<SealedDump> Next(DumpsAllowed allowed) override;
  Status BeginAttempt(const std::string& id) override;
  Result<std::string> Read(const std::string& id, std::uint64_t offset, std::size_t most) override;
  void EndAttempt(const std::string& id, DumpOutcome outcome, const std::string& why) override;
  void OnArrival(std::function<void()> on_arrival) override { on_arrival_ = std::move(on_arrival); }

  // Called when counts() may have changed.
  void OnChange(std::function<void()> on_change) { on_change_ = std::move(on_change); }
  [[nodiscard]] SpoolCounts counts() const;

 private:
  using Dumps = std::map<std::string, DumpHead>;

  DumpSpool(std::filesystem::path directory, LedgerFile& ledger, CrashConfig config,
            std::function<std::string()> new_id);

  Status Recover();
  void RecoverRecord(const std::filesystem::path& file);
  void RemoveReplaced();
  [[nodiscard]] std::filesystem::path RecordOf(const std::string& id) const;
  Result<DumpRecord> Load(const std::string& id) const;
  [[nodiscard]] bool IsQuarantined(const std::string& id) const;
  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] std::size_t DumpsWithBytes() const;
  bool ReleaseOldestSource();
  std::optional<std::string> Victim(const DumpHead& sealing, std::uint64_t bytes) const;
  // What is left of a dump is its description, as a dump of its own.
  void KeepDescription(const std::string& id, const std::string& why);
  void Drop(const std::string& id, const std::string& why);
  // It is dealt with for good: source, bytes and description go.
  Status Forget(const std::string& id);
  void RemoveFiles(const std::string& id);
  void OnFailure(const std::string& id, const std::string& why);

  std::filesystem::path directory_;
  LedgerFile& ledger_;
  const CrashConfig config_;
  std::function<std::string()> new_id_;
  Dumps dumps_;
  std::string attempt_;  // The dump that is being sent; empty: none.
  std::string chosen_;   // What Next() gave.
  UniqueFd reading_;     // Of attempt_.
  std::uint64_t delivered_ = 0;
  std::map<std::string, std::uint64_t> dropped_;
  std::function<void()> on_arrival_ = [] {};
  std::function<void()> on_change_ = [] {};
};

}  // namespace edgefeed
