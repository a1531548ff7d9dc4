#include "agent/upload/uploader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

constexpr std::uint64_t kSegmentBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kLeastRate = std::uint64_t{16} << 10;
constexpr std::chrono::milliseconds kLongestHold = std::chrono::hours(24);
// Answers in a row that bring nothing new, before the dump has to wait for another attempt.
constexpr int kMostRounds = 5;

// A status that says nothing about the dump: it may be tried for ever.
bool IsAboutTheLine(Code code) {
  switch (code) {
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
    case Code::kResourceExhausted:
    case Code::kUnimplemented:
    case Code::kPermissionDenied:
    case Code::kUnauthenticated: return true;
    default: return false;
  }
}

DumpOutcome OutcomeOf(Code code) {
  return IsAboutTheLine(code) ? DumpOutcome::kUnreachable : DumpOutcome::kFailed;
}

std::string Said(const UploadReport& answer, std::string_view otherwise) {
  return answer.message.empty() ? std::string(otherwise) : answer.message;
}

std::uint64_t Least(std::uint64_t ours, std::uint64_t theirs) {
  return theirs == 0 ? ours : std::min(ours, theirs);
}

}  // namespace

Uploader::Uploader(UploadConfig config, Scheduler& scheduler, UploadTransport& transport,
                   DumpQueue& queue)
    : config_(std::move(config)),
      scheduler_(scheduler),
      transport_(transport),
      queue_(queue),
      prefix_(scheduler, queue),
      sender_(scheduler, transport, queue, prefix_, config_.rate),
      backoff_(config_.backoff, config_.seed),
      random_(config_.seed) {}

void Uploader::Start() {
  queue_.OnArrival([this] { Next(); });
  std::uniform_int_distribution<std::int64_t> wait(0, config_.first_wait.count());
  Wait(std::chrono::milliseconds(wait(random_)));
}

void Uploader::Pause() { sender_.Pause(); }

void Uploader::Resume() {
  if (!sender_.paused()) return;
  sender_.Resume();
  if (state_ == State::kPaused) return SendSegment();
  Next();
}

void Uploader::Stop() {
  queue_.OnArrival([] {});
  const bool under_way = state_ != State::kIdle && state_ != State::kWaiting;
  transport_.Close();
  wait_.Cancel();
  if (under_way && state_ != State::kStopped) {
    EndAttempt(DumpOutcome::kUnreachable, "the agent stops");
  }
  state_ = State::kStopped;
}

void Uploader::Wait(std::chrono::milliseconds time) {
  state_ = State::kWaiting;
  wait_ = scheduler_.RunAfter(time, [this] {
    state_ = State::kIdle;
    Next();
  });
}

void Uploader::Next() {
  if (state_ != State::kIdle || sender_.paused()) return;
  const bool room = scheduler_.Now() >= bytes_from_;
  auto next = queue_.Next(room ? config_.allowed : DumpsAllowed::kDescriptions);
  if (!next) return Rest();
  state_ = State::kBeginning;  // The queue may call back.
  if (const Status counted = queue_.BeginAttempt(next->id); !counted) {
    spdlog::warn("dump {}: {}", next->filename, counted.error().message);
    return Wait(backoff_.Next());
  }
  dump_ = std::move(*next);
  begun_ = scheduler_.Now();
  rounds_ = 0;
  furthest_bytes_.reset();
  forgotten_ = whole_ = false;
  prefix_.Reset(dump_.id);
  Begin();
}

// Nothing is wanted: the connection would only cost.
void Uploader::Rest() {
  transport_.Close();
  connected_ = false;
  if (scheduler_.Now() >= bytes_from_) return;
  wait_ = scheduler_.RunAt(bytes_from_, [this] { Next(); });
}

void Uploader::AwaitAnswer(std::chrono::milliseconds time) {
  deadline_ = scheduler_.RunAfter(time, [this, time] {
    Fail(DumpOutcome::kUnreachable, "no answer within " + FormatDuration(time));
  });
}

void Uploader::Begin() {
  if (!std::exchange(connected_, true)) {
    transport_.Connect(Collector(), *this);
  }
  state_ = State::kBeginning;
  AwaitAnswer(config_.answer_timeout);
  transport_.Begin(dump_);
}

const Endpoint& Uploader::Collector() const {
  return config_.collectors[next_collector_ % config_.collectors.size()];
}

// Something between us and a collector that knows better may say so, too.
bool Uploader::IsOriginal(const Error& error) const {
  return state_ == State::kBeginning && error.code == Code::kUnimplemented &&
         !know_segments_.contains(ToString(Collector()));
}

void Uploader::OnSent() {
  if (state_ == State::kSending) sender_.OnSent();
}

void Uploader::OnAnswer(const Result<UploadReport>& answer) {
  deadline_.Cancel();
  sender_.Cancel();
  if (whole_) return JudgeWhole(answer);
  if (!answer) {
    if (IsOriginal(answer.error())) return SendWhole();
    return Fail(OutcomeOf(answer.error().code), answer.error().message, answer.error().retry_after);
  }
  if (state_ == State::kAborting) return Begin();
  if (state_ == State::kBeginning) {
    epoch_ = answer->epoch;
    know_segments_.insert(ToString(Collector()));
  }
  segment_bytes_ = Least(kSegmentBytes, answer->segment_bytes);
  chunk_bytes_ = Least(ChunkSender::kMostChunkBytes, answer->chunk_bytes);
  Judge(*answer);
}

void Uploader::Judge(const UploadReport& answer) {
  if (answer.refusal != UploadRefusal::kNone) return JudgeRefusal(answer);
  switch (answer.state) {
    case UploadState::kComplete: return JudgeComplete(answer);
    case UploadState::kDescribed: return Deliver();
    case UploadState::kIncomplete: return Continue(answer);
    default: return Fail(DumpOutcome::kFailed, Said(answer, "an answer that says nothing"));
  }
}

void Uploader::JudgeRefusal(const UploadReport& answer) {
  switch (answer.refusal) {
    case UploadRefusal::kOffset:
    case UploadRefusal::kCrc: return Continue(answer);
    case UploadRefusal::kSuperseded:
    case UploadRefusal::kUnknown: return BeginAgain(answer);
    case UploadRefusal::kQuota:
    case UploadRefusal::kStorage: return Hold(answer);
    case UploadRefusal::kTooLarge:
      return Fail(DumpOutcome::kRejected, Said(answer, "is too large for the collector"));
    case UploadRefusal::kConflict:
      return Fail(DumpOutcome::kRejected, Said(answer, "is another one for the collector"));
    case UploadRefusal::kInvalid:
      return Fail(DumpOutcome::kRejected, Said(answer, "is not allowed"));
    case UploadRefusal::kDigest:
      return Fail(DumpOutcome::kFailed, Said(answer, "arrived with another digest"),
                  answer.retry_after);
    default: return Fail(DumpOutcome::kFailed, Said(answer, "was refused"), answer.retry_after);
  }
}

void Uploader::JudgeComplete(const UploadReport& answer) {
  // What is only described has neither.
  const bool same = dump_.size_bytes == 0 || (answer.total_bytes == dump_.size_bytes &&
                                              answer.sha256 == BytesOf(dump_.sha256));
  if (same) return Deliver();
  Fail(DumpOutcome::kFailed, "the collector keeps something else: " + Said(answer, "no message"));
}

// By the original contract an answer is all there is.
void Uploader::JudgeWhole(const Result<UploadReport>& answer) {
  if (!answer) {
    // From such a server it may mean that the file is too large: not for ever.
    const bool full = answer.error().code == Code::kResourceExhausted;
    return Fail(full ? DumpOutcome::kFailed : OutcomeOf(answer.error().code),
                answer.error().message, answer.error().retry_after);
  }
  if (answer->success && answer->total_bytes == dump_.size_bytes) return Deliver();
  Fail(DumpOutcome::kFailed, "an original collector kept " + std::to_string(answer->total_bytes) +
                                 " of " + std::to_string(dump_.size_bytes) +
                                 " bytes: " + Said(*answer, "no message"));
}

void Uploader::BeginAgain(const UploadReport& answer) {
  if (++rounds_ > kMostRounds) return Fail(DumpOutcome::kFailed, Said(answer, "was refused"));
  Begin();
}

// False when the attempt goes round in circles.
bool Uploader::NoteProgress(const UploadReport& answer) {
  if (dump_.id == last_id_ && answer.committed_bytes > last_committed_) backoff_.Reset();
  last_id_ = dump_.id;
  last_committed_ = answer.committed_bytes;
  if (!furthest_bytes_ || answer.committed_bytes > *furthest_bytes_) {
    furthest_bytes_ = answer.committed_bytes;
    rounds_ = 0;
    return true;
  }
  return ++rounds_ <= kMostRounds;
}

void Uploader::Continue(const UploadReport& answer) {
  if (answer.committed_bytes > dump_.size_bytes) {
    return Fail(DumpOutcome::kFailed, "the collector has more bytes than there are");
  }
  if (!NoteProgress(answer)) {
    return Fail(DumpOutcome::kFailed, "gets no further than " +
                                          std::to_string(answer.committed_bytes) +
                                          " bytes: " + Said(answer, "no message"));
  }
  committed_bytes_ = answer.committed_bytes;
  if (committed_bytes_ == 0) return SendSegment();
  CheckPrefix(answer);
}

void Uploader::CheckPrefix(const UploadReport& answer) {
  state_ = State::kChecking;
  prefix_.Checksum(committed_bytes_,
                   [this, theirs = answer.committed_crc32c](const Result<std::uint32_t>& ours) {
                     if (!ours) return Fail(DumpOutcome::kFailed, ours.error().message);
                     if (*ours == theirs) return SendSegment();
                     Forget();
                   });
}

// What the collector has is not the beginning of this dump.
void Uploader::Forget() {
  if (std::exchange(forgotten_, true)) {
    return Fail(DumpOutcome::kFailed, "the collector has other bytes, again");
  }
  spdlog::warn("dump {}: the collector has other bytes, sending it from the start", dump_.filename);
  state_ = State::kAborting;
  AwaitAnswer(config_.answer_timeout);
  transport_.Abort(dump_);
}

void Uploader::SendSegment() {
  if (sender_.paused()) {
    state_ = State::kPaused;
    return;
  }
  state_ = State::kSending;
  transport_.OpenSegment(dump_, epoch_);
  sender_.Start({.id = dump_.id,
                 .size_bytes = dump_.size_bytes,
                 .begin = committed_bytes_,
                 .end = std::min(dump_.size_bytes, committed_bytes_ + segment_bytes_),
                 .chunk_bytes = chunk_bytes_,
                 .form = ChunkSender::Form::kSegment},
                [this](const Status& sent) { OnHalfClosed(sent); });
}

void Uploader::SendWhole() {
  if (dump_.size_bytes == 0) {
    return Fail(DumpOutcome::kRejected, "an original collector takes no descriptions");
  }
  whole_ = true;
  state_ = State::kSending;
  transport_.OpenWhole(dump_);
  sender_.Start({.id = dump_.id,
                 .size_bytes = dump_.size_bytes,
                 .begin = 0,
                 .end = dump_.size_bytes,
                 .form = ChunkSender::Form::kWhole},
                [this](const Status& sent) { OnHalfClosed(sent); });
}

void Uploader::OnHalfClosed(const Status& sent) {
  if (!sent) return Fail(OutcomeOf(sent.error().code), sent.error().message);
  AwaitAnswer(config_.answer_timeout + std::chrono::seconds(sender_.sent_bytes() / kLeastRate));
}

void Uploader::Deliver() {
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(scheduler_.Now() - begun_);
  spdlog::info("dump {} delivered: {} in {}", dump_.filename, FormatBytes({dump_.size_bytes}),
               FormatDuration(took));
  last_why_.clear();
  backoff_.Reset();
  EndAttempt(DumpOutcome::kDelivered, "");
  state_ = State::kIdle;
  Next();
}

// The collector has no room: descriptions may still go.
void Uploader::Hold(const UploadReport& answer) {
  const auto hold = TimeUntilRetry(answer.retry_after);
  const std::string why = Said(answer, "the collector has no room");
  if (dump_.size_bytes == 0) return Fail(DumpOutcome::kUnreachable, why, hold);
  bytes_from_ = scheduler_.Now() + hold;
  spdlog::warn("dump {}: {}; asking again in {}", dump_.filename, why, FormatDuration(hold));
  EndAttempt(DumpOutcome::kUnreachable, why);
  state_ = State::kIdle;
  Next();
}

void Uploader::Fail(DumpOutcome outcome, const std::string& why,
                    std::chrono::milliseconds retry_after) {
  const bool rejected = outcome == DumpOutcome::kRejected;
  if (rejected || std::exchange(last_why_, why) != why) {
    spdlog::warn("dump {}: {}{}", dump_.filename, why, rejected ? "" : "; will be tried again");
  }
  EndAttempt(outcome, why);
  if (rejected) {
    state_ = State::kIdle;
    return Next();
  }
  transport_.Close();
  connected_ = false;
  ++next_collector_;
  Wait(TimeUntilRetry(retry_after));
}

// What the collector asks for, it asks of many: each adds what it would have waited anyway.
std::chrono::milliseconds Uploader::TimeUntilRetry(std::chrono::milliseconds told) {
  return std::min(told, kLongestHold) + backoff_.Next();
}

void Uploader::EndAttempt(DumpOutcome outcome, const std::string& why) {
  deadline_.Cancel();
  prefix_.Cancel();
  sender_.Cancel();
  queue_.EndAttempt(dump_.id, outcome, why);
}

}  // namespace edgefeed
