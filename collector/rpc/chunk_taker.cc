#include "collector/rpc/chunk_taker.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "collector/rpc/upload_response.h"
#include "collector/uploads/upload_session.h"

namespace edgefeed {
namespace {

using fileupload::FileChunk;
using fileupload::UploadResponse;

// A whole file in one call.
class WholeFile final : public ChunkTaker {
 public:
  WholeFile(const UploadAccess& access, const WhoUploads& client, Done done)
      : client_(client.address),
        done_(std::move(done)),
        session_(std::make_unique<UploadSession>(access.plain, client.device, access.stats)) {}

  void Take(const FileChunk& chunk) override {
    if (session_ == nullptr) return;
    const auto stored = session_->Take({.filename = chunk.filename(),
                                        .data = chunk.data(),
                                        .index = chunk.chunk_index(),
                                        .is_last = chunk.is_last()});
    if (!stored) return Finish(stored.error());
    if (*stored) Reply(**stored);
  }

  void End(StreamEnd how) override {
    if (session_ == nullptr) return;
    Finish(how == StreamEnd::kDisconnected ? session_->Disconnected() : session_->EndedEarly());
  }

 private:
  void Reply(const UploadSession::Stored& stored) {
    spdlog::info("upload {} from {} stored as {}: {} in {} chunks", stored.filename, client_,
                 stored.path.string(), FormatBytes(stored.size), stored.chunks);
    UploadResponse response;
    response.set_filename(stored.filename);
    response.set_total_bytes(stored.size.count);
    response.set_total_chunks(stored.chunks);
    response.set_success(true);
    response.set_message("stored as " + stored.path.filename().string());
    Finish(response);
  }

  void Finish(const UploadOutcome& outcome) {
    session_.reset();  // Frees its part of the quota now.
    done_(outcome);
  }

  const std::string client_;
  const Done done_;
  std::unique_ptr<UploadSession> session_;  // Null: the outcome was given.
};

// A piece of a begun upload.
class Segment final : public ChunkTaker {
 public:
  Segment(const UploadAccess& access, const fileupload::UploadTicket& ticket, const Done& done)
      : stats_(access.stats),
        done_(done),
        segment_(access.begun.OpenSegment(ticket.service_name(), ticket.upload_id(), ticket.epoch(),
                                          [done](const UploadAnswer& answer) {
                                            UploadResponse response;
                                            ToWire(answer, response);
                                            done(response);
                                          })) {
    ++stats_.upload_segments_open;
  }
  ~Segment() override { --stats_.upload_segments_open; }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  void Take(const FileChunk& chunk) override {
    if (segment_ == nullptr) return;
    segment_->Take({.offset = chunk.offset(),
                    .data = chunk.data(),
                    .crc32c = chunk.crc32c(),
                    .is_last = chunk.is_last()});
  }
  void End(StreamEnd how) override {
    if (segment_ != nullptr) segment_->Close();
    // The upload may be complete soon, but nobody waits for it any more.
    if (how == StreamEnd::kDisconnected) done_(Error{Code::kCancelled, "the client went away"});
  }

 private:
  CollectorStats& stats_;
  const Done done_;
  std::unique_ptr<UploadSegment> segment_;
};

}  // namespace

std::unique_ptr<ChunkTaker> NewChunkTaker(const UploadAccess& access, const FileChunk& first,
                                          const WhoUploads& client, ChunkTaker::Done done) {
  if (first.has_ticket()) return std::make_unique<Segment>(access, first.ticket(), done);
  return std::make_unique<WholeFile>(access, client, std::move(done));
}

Error EmptyUpload(const UploadAccess& access, StreamEnd how) {
  const UploadSession session(access.plain, {}, access.stats);
  return how == StreamEnd::kDisconnected ? session.Disconnected() : session.EndedEarly();
}

}  // namespace edgefeed
