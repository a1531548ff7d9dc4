#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "agent/ports.h"
#include "agent/upload/chunk_sender.h"
#include "agent/upload/prefix.h"
#include "agent/upload/transport.h"
#include "common/base/backoff.h"
#include "common/base/units.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct UploadConfig {
  std::vector<Endpoint> collectors;  // Tried in turn. Not empty.
  Bytes rate;                        // A second; 0: as fast as it goes.
  DumpsAllowed allowed = DumpsAllowed::kAll;
  // The first attempt comes at some moment within this, so that devices that boot together do not
  // come together.
  std::chrono::milliseconds first_wait{0};
  BackoffConfig backoff{.first = std::chrono::seconds(1), .cap = std::chrono::minutes(15)};
  std::uint64_t seed = 0;
  // How long an answer may take; for that to a segment each 16 KiB of it are allowed a second more.
  std::chrono::milliseconds answer_timeout{30000};
};

// Brings the dumps of a queue to the collector, one after the other: asks whether one is wanted and
// how much of it is there, and sends the rest in segments, each of which the collector
// acknowledges. Believes in a delivery only when size and digest are right. Whatever goes wrong, it
// asks again, later each time, at the next address. A collector of the original contract gets whole
// files. On the dumps strand.
class Uploader final : private UploadEvents {
 public:
  // All references must outlive the uploader.
  Uploader(UploadConfig config, Scheduler& scheduler, UploadTransport& transport, DumpQueue& queue);

  void Start();
  // Something more urgent needs the line: nothing new is begun, and what is under way ends as soon
  // as it can without loss.
  void Pause();
  void Resume();
  // At once; a dump under way will go on from where it is. The transport may still be busy.
  void Stop();

 private:
  enum class State {
    kIdle,
    kWaiting,    // After a failure.
    kBeginning,  // Asked how much is there.
    kChecking,   // Whether that is the beginning of ours.
    kPaused,     // Between two segments.
    kSending,    // A segment, or the whole file.
    kAborting,   // Told to forget what it has.
    kStopped,
  };

  void OnSent() override;
  void OnAnswer(const Result<UploadReport>& answer) override;

  [[nodiscard]] const Endpoint& Collector() const;
  [[nodiscard]] bool IsOriginal(const Error& error) const;
  void Next();
  void Rest();
  void Wait(std::chrono::milliseconds time);
  void Begin();
  void BeginAgain(const UploadReport& answer);
  void Judge(const UploadReport& answer);
  void JudgeRefusal(const UploadReport& answer);
  void JudgeWhole(const Result<UploadReport>& answer);
  void JudgeComplete(const UploadReport& answer);
  void Continue(const UploadReport& answer);
  bool NoteProgress(const UploadReport& answer);
  void CheckPrefix(const UploadReport& answer);
  void Forget();
  void SendSegment();
  void SendWhole();
  void OnHalfClosed(const Status& sent);
  void AwaitAnswer(std::chrono::milliseconds time);

  void Deliver();
  void Hold(const UploadReport& answer);
  void Fail(DumpOutcome outcome, const std::string& why,
            std::chrono::milliseconds retry_after = {});
  std::chrono::milliseconds TimeUntilRetry(std::chrono::milliseconds told);
  void EndAttempt(DumpOutcome outcome, const std::string& why);

  const UploadConfig config_;
  Scheduler& scheduler_;
  UploadTransport& transport_;
  DumpQueue& queue_;
  Prefix prefix_;
  ChunkSender sender_;
  Backoff backoff_;
  std::mt19937_64 random_;

  State state_ = State::kIdle;
  std::size_t next_collector_ = 0;
  bool connected_ = false;
  std::set<std::string> know_segments_;  // Collectors that have once shown it.
  SteadyTime bytes_from_;  // Before this the collector has room for descriptions only.

  // Of the attempt under way.
  SealedDump dump_;
  SteadyTime begun_;
  bool whole_ = false;  // An original collector.
  std::uint64_t epoch_ = 0;
  std::uint64_t committed_bytes_ = 0;
  std::optional<std::uint64_t> furthest_bytes_;
  int rounds_ = 0;  // Without getting further.
  bool forgotten_ = false;
  std::uint64_t segment_bytes_ = 0;
  std::uint64_t chunk_bytes_ = 0;

  std::string last_id_;  // Of the last attempt, and how far it came.
  std::uint64_t last_committed_ = 0;
  std::string last_why_;  // The failure that was logged last.

  Timer deadline_;
  Timer wait_;
};

}  // namespace edgefeed
