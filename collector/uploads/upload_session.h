#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/uploads/upload_store.h"
#include "common/base/result.h"

namespace edgefeed {

// One Upload call: checks that the chunks make a whole file and stores them. On the store strand.
class UploadSession {
 public:
  // `device`: whose the file will be; empty: nobody's. `store` must outlive it.
  UploadSession(UploadStore& store, std::string device, CollectorStats& stats);
  ~UploadSession();
  UploadSession(const UploadSession&) = delete;
  UploadSession& operator=(const UploadSession&) = delete;

  struct Chunk {
    std::string_view filename;
    std::string_view data;
    std::uint32_t index = 0;
    bool is_last = false;
  };

  struct Stored {
    std::string filename;
    std::filesystem::path path;
    Bytes size;
    std::uint32_t chunks = 0;
  };

  // The stored file after the last chunk, nothing before it. After an error the session is over.
  Result<std::optional<Stored>> Take(const Chunk& chunk);

  // The stream ended: what to tell the client if it did so too early.
  [[nodiscard]] Error EndedEarly() const;
  // The client went away: what to log.
  [[nodiscard]] Error Disconnected() const;

  [[nodiscard]] bool done() const { return done_; }

 private:
  Status CheckOrder(const Chunk& chunk) const;
  [[nodiscard]] Error Fail(const Error& error, std::uint32_t chunk) const;
  [[nodiscard]] std::string Name() const;

  UploadStore& store_;
  const std::string device_;
  CollectorStats& stats_;
  std::optional<std::string> filename_;
  std::unique_ptr<IncomingFile> file_;
  std::uint32_t next_chunk_ = 0;
  bool done_ = false;
};

}  // namespace edgefeed
