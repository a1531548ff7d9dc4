#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/dumps/dump_store.h"
#include "collector/sqlite/sqlite.h"
#include "collector/uploads/begun_uploads.h"
#include "collector/uploads/upload_store.h"
#include "common/base/crc32c.h"
#include "common/wire/dump_info.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/some_bytes.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/dumps/dump_fixture.h"

namespace edgefeed {

// Begun uploads with real files, and time that stands still.
struct BegunFixture {
  BegunFixture() { Open(); }
  ~BegunFixture() { Close(); }
  BegunFixture(const BegunFixture&) = delete;
  BegunFixture& operator=(const BegunFixture&) = delete;

  // As after a crash: what was only in memory is gone.
  void Reopen() {
    Close();
    Open();
  }
  void Close() {
    begun.reset();
    dumps.reset();
    plain.reset();
    database.reset();
  }
  void Open() {
    auto opened = Database::Open(dir.path() / "dumps.db", Database::Mode::kReadWrite);
    REQUIRE(opened);
    database = std::move(*opened);
    auto files = UploadStore::Open(dir.path() / "uploads", limits);
    REQUIRE(files);
    plain = std::move(*files);
    auto store = DumpStore::Open(
        dir.path() / "dumps",
        {.strand = scheduler, .database = *database, .reader = nullptr, .stats = stats},
        dump_limits);
    REQUIRE(store);
    dumps = std::move(*store);
    auto uploads = BegunUploads::Open(partials(), {.strand = scheduler,
                                                   .sync = scheduler,
                                                   .hash = scheduler,
                                                   .database = *database,
                                                   .plain = *plain,
                                                   .dumps = *dumps,
                                                   .stats = stats});
    REQUIRE(uploads);
    begun = std::move(*uploads);
    scheduler.RunUntilIdle();
  }

  // The answer, once it has come.
  struct Later {
    std::shared_ptr<std::optional<UploadAnswer>> answer =
        std::make_shared<std::optional<UploadAnswer>>();
    [[nodiscard]] AnswerUpload callback() const {
      return [answer = answer](const UploadAnswer& told) {
        CHECK_FALSE(answer->has_value());
        *answer = told;
      };
    }
  };

  UploadAnswer Begin(std::string_view id, std::string_view bytes,
                     const std::optional<DumpInfo>& dump = {}) {
    const Sha256Digest digest = Sha256Of(bytes);
    UploadRequest request{.device = device,
                          .upload_id = id,
                          .filename = "core.zst",
                          .size_bytes = bytes.size(),
                          .sha256 = BytesOf(digest),
                          .dump = {}};
    if (dump) request.dump = EncodeDumpInfo(*dump);
    return Begin(request);
  }
  UploadAnswer Begin(const UploadRequest& request) {
    const Later later;
    begun->Begin(request, later.callback());
    scheduler.RunUntilIdle();
    REQUIRE(*later.answer);
    return **later.answer;
  }

  // An Upload call, and what it answers.
  struct Call {
    Later later;
    std::unique_ptr<UploadSegment> segment;
    [[nodiscard]] bool answered() const { return later.answer->has_value(); }
    [[nodiscard]] const UploadAnswer& answer() const {
      REQUIRE(answered());
      return **later.answer;
    }
  };
  [[nodiscard]] Call Open(std::string_view id, std::uint64_t epoch) const {
    Call call;
    call.segment = begun->OpenSegment(device, id, epoch, call.later.callback());
    return call;
  }
  // The bytes of [from, to) in chunks of 64 KiB.
  void Send(const Call& call, std::string_view bytes, std::uint64_t from, std::uint64_t to) {
    constexpr std::uint64_t kChunk = std::uint64_t{64} << 10;
    for (std::uint64_t at = from; at < to && call.segment != nullptr; at += kChunk) {
      const std::string_view data = bytes.substr(at, std::min(kChunk, to - at));
      call.segment->Take({.offset = at,
                          .data = data,
                          .crc32c = Crc32c(data),
                          .is_last = at + data.size() == bytes.size()});
    }
    scheduler.RunUntilIdle();
  }
  // One whole call that ends by itself.
  UploadAnswer SendSegment(std::string_view id, std::uint64_t epoch, std::string_view bytes,
                           std::uint64_t from, std::uint64_t to) {
    const Call call = Open(id, epoch);
    Send(call, bytes, from, to);
    if (call.segment != nullptr) call.segment->Close();
    scheduler.RunUntilIdle();
    return call.answer();
  }
  // From the first byte to the last.
  UploadAnswer Upload(std::string_view id, std::string_view bytes,
                      const std::optional<DumpInfo>& dump = {}) {
    UploadAnswer begin = Begin(id, bytes, dump);
    if (begin.state != UploadState::kIncomplete) return begin;
    return SendSegment(id, begin.epoch, bytes, begin.committed_bytes, bytes.size());
  }

  [[nodiscard]] std::filesystem::path partials() const { return dir.path() / "uploads" / ".begun"; }
  [[nodiscard]] std::vector<std::filesystem::path> Partials() const {
    return {std::filesystem::directory_iterator(partials()), {}};
  }
  [[nodiscard]] std::filesystem::path StoredDump(std::string_view bytes) const {
    const std::string name = ToString(Sha256Of(bytes));
    return dir.path() / "dumps" / "store" / name.substr(0, 2) / name;
  }
  // How many files there are with bytes of dumps.
  [[nodiscard]] std::size_t StoredDumps() const {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(dir.path() / "dumps" / "store")) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }

  TempDir dir;
  ManualScheduler scheduler;
  CollectorStats stats;
  UploadLimits limits{.min_free = {}};
  DumpLimits dump_limits;
  std::string device = "cam-7";
  std::optional<Database> database;
  std::unique_ptr<UploadStore> plain;
  std::unique_ptr<DumpStore> dumps;
  std::unique_ptr<BegunUploads> begun;
};

}  // namespace edgefeed
