#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "collector/history/log_reader.h"
#include "collector/history/numbers.h"
#include "collector/history/record_codec.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// The number of a segment's first entry; nothing when it holds none that can be read.
std::optional<Lsn> FirstLsn(const std::filesystem::path& segment);

// Reads one segment of the log, record by record, while it may still be written. On one strand;
// calls wait for the disk. In memory: one record, and what its frames are the differences from.
class LogSegmentReader {
 public:
  // NOT_FOUND when it is not there.
  static Result<std::unique_ptr<LogSegmentReader>> Open(const std::filesystem::path& path,
                                                        std::uint64_t number);

  [[nodiscard]] std::uint64_t number() const { return number_; }

  // Gives the entries of the next record that lies before `limit`, an offset in the file up to
  // which it has been written. False when there is none. What is damaged is left out, logged and
  // counted.
  Result<bool> Next(std::uint64_t limit, const EntryConsumer& consumer);

  // Entries that could not be read, as far as that is known: not those of a first or a last record.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  LogSegmentReader(UniqueFd file, std::string name, std::uint64_t number)
      : file_(std::move(file)), name_(std::move(name)), number_(number) {}

  // Makes sure that so many bytes are in `buffer_`, as far as they lie before `limit`.
  Status Fill(std::size_t bytes, std::uint64_t limit);
  // True once `buffer_` begins with a whole record.
  Result<bool> FindRecord(std::uint64_t limit);
  void TakeRecord(const EntryConsumer& consumer);
  void Consume(std::size_t bytes);

  UniqueFd file_;
  std::string name_;
  std::uint64_t number_;
  std::uint64_t offset_ = 0;  // Of the buffer's first byte.
  std::string buffer_;
  RecordDecoder decoder_;
  Lsn next_lsn_ = 0;   // Behind the last record; 0: there was none.
  bool lost_ = false;  // Bytes behind it could not be read.
  std::uint64_t unreadable_ = 0;
};

}  // namespace edgefeed
