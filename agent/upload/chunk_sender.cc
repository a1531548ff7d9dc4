#include "agent/upload/chunk_sender.h"

#include <algorithm>
#include <utility>

#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr std::chrono::milliseconds kSegmentTime = std::chrono::minutes(1);
// A chunk that has not left after this is stuck: 30 s, and what it takes at 4 KiB/s.
constexpr std::chrono::milliseconds kStall = std::chrono::seconds(46);

// What the rate brings in a sixteenth of a second, of a burst and at a low rate also of a chunk:
// samples wait behind it.
Bytes BurstFor(Bytes rate) { return {std::clamp<std::uint64_t>(rate.count / 16, 2048, 262'144)}; }

std::uint64_t ChunkBytesFor(Bytes rate) {
  if (rate.count == 0) return ChunkSender::kMostChunkBytes;
  return std::min(BurstFor(rate).count, ChunkSender::kGridBytes);
}

}  // namespace

ChunkSender::ChunkSender(Scheduler& scheduler, UploadTransport& transport, DumpQueue& queue,
                         Prefix& prefix, Bytes rate)
    : scheduler_(scheduler),
      transport_(transport),
      queue_(queue),
      prefix_(prefix),
      bucket_(rate, BurstFor(rate)),
      most_bytes_(ChunkBytesFor(rate)) {}

void ChunkSender::Start(Stretch stretch, Done done) {
  stretch_ = std::move(stretch);
  stretch_.chunk_bytes = std::min(stretch_.chunk_bytes, most_bytes_);
  done_ = std::move(done);
  sent_bytes_ = 0;
  ends_ = scheduler_.Now() + kSegmentTime;
  sent_last_ = sending_ = false;
  SendNext();
}

void ChunkSender::OnSent() {
  sending_ = false;
  stall_.Cancel();
  SendNext();
}

void ChunkSender::Resume() {
  paused_ = false;
  SendNext();
}

void ChunkSender::Cancel() {
  done_ = nullptr;
  sending_ = false;
  pace_.Cancel();
  stall_.Cancel();
}

bool ChunkSender::AtEnd() const {
  if (sent_last_) return true;
  const std::uint64_t at = stretch_.begin + sent_bytes_;
  if (at >= stretch_.end && stretch_.end < stretch_.size_bytes) return true;
  if (stretch_.form == Form::kWhole || sent_bytes_ < kGridBytes) return false;
  return paused_ || scheduler_.Now() >= ends_;
}

bool ChunkSender::MustWait() {
  const SteadyTime now = scheduler_.Now();
  const auto wait = bucket_.WaitAt(now);
  if (wait <= std::chrono::nanoseconds(0)) return false;
  pace_ = scheduler_.RunAt(now + wait, [this] { SendNext(); });
  return true;
}

Result<std::string> ChunkSender::ReadNext() {
  const std::uint64_t at = stretch_.begin + sent_bytes_;
  const std::uint64_t wanted = std::min(stretch_.chunk_bytes, stretch_.end - at);
  if (wanted == 0) return std::string();
  auto data = queue_.Read(stretch_.id, at, ToSize(wanted));
  if (data && data->size() != wanted) {
    return Error{Code::kDataLoss, "is shorter than it was"};
  }
  return data;
}

void ChunkSender::SendNext() {
  if (!done_ || sending_) return;
  if (AtEnd()) {
    transport_.HalfClose();
    return Finish({});
  }
  if (paused_ && stretch_.form == Form::kWhole) return;
  if (MustWait()) return;
  auto data = ReadNext();
  if (!data) return Finish(data.error());
  const std::uint64_t at = stretch_.begin + sent_bytes_;
  prefix_.Add(at, *data);
  bucket_.Take({data->size()}, scheduler_.Now());
  sent_bytes_ += data->size();
  sent_last_ = at + data->size() == stretch_.size_bytes;
  sending_ = true;
  stall_ = scheduler_.RunAfter(kStall, [this] {
    Finish(
        Error{Code::kDeadlineExceeded, "a chunk did not leave within " + FormatDuration(kStall)});
  });
  transport_.Send({.data = std::move(*data), .offset = at, .is_last = sent_last_});
}

void ChunkSender::Finish(const Status& status) {
  const Done done = std::move(done_);
  Cancel();
  done(status);
}

}  // namespace edgefeed
