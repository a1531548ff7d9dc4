#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/sqlite/sqlite.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"

namespace edgefeed {

// The numbers are those of the database.
enum class UploadPhase { kIncomplete = 1, kComplete = 2, kDescribed = 3 };

// An upload that was begun, as it is on stable storage.
struct BegunUpload {
  std::int64_t number = 0;  // Of the row, and of the file with what has come; never used twice.
  std::string device;       // Empty: an operator's file.
  std::string upload_id;
  std::string filename;
  std::uint64_t size_bytes = 0;
  Sha256Digest sha256{};
  bool is_dump = false;
  std::uint64_t committed_bytes = 0;
  std::uint32_t committed_crc32c = 0;
  std::uint64_t epoch = 0;
  UploadPhase phase = UploadPhase::kIncomplete;
  WallTime expires;       // When it is forgotten.
  std::string stored_as;  // For people.
};

// What incomplete uploads have been promised.
struct PromisedRoom {
  std::uint64_t uploads = 0;
  std::uint64_t bytes = 0;
  std::uint64_t missing_bytes = 0;  // Of these, what has not come yet.
};

// The begun uploads in the database, one row for each: incomplete ones, and for some time those
// that are done, so that a client that missed the answer is told. On the uploads strand; the
// database must outlive it.
class UploadTable {
 public:
  // Makes the tables where there are none.
  static Result<UploadTable> Open(Database& database);

  Result<std::optional<BegunUpload>> Find(std::string_view device, std::string_view upload_id);
  Result<std::vector<BegunUpload>> Incomplete();
  Result<std::vector<BegunUpload>> ExpiredAt(WallTime now);
  // Of one device, or of all.
  Result<PromisedRoom> PromisedTo(std::string_view device);
  Result<PromisedRoom> PromisedToAll();

  // `description`: what makes it a dump, if it is one. Returns its number.
  Result<std::int64_t> Insert(const BegunUpload& upload, std::string_view description);
  Result<std::string> Description(std::int64_t number);
  // What can change: how much is committed, epoch, phase, expiry, where it is stored.
  Status Save(const BegunUpload& upload);
  Status DropDescription(std::int64_t number);
  Status Remove(std::int64_t number);
  // Greater than every one before, also those of uploads that are forgotten.
  Result<std::uint64_t> NextEpoch();

 private:
  explicit UploadTable(Database& database) : database_(&database) {}
  Result<PromisedRoom> Promised(std::string_view where, std::string_view device);

  Database* database_;
};

}  // namespace edgefeed
