#include "agent/boot/boot_history.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "agent/boot/crash_records.h"
#include "agent/boot/verdict.h"
#include "agent/boot/watchdog_status.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// How long after the last note a boot may have gone on, when it ends without a warning. A note is
// one block of flash: 288 a day.
constexpr milliseconds kNoteEvery = std::chrono::minutes(5);
// How soon it is seen that the time has become known.
constexpr milliseconds kLookEvery = std::chrono::seconds(2);
// Two clocks that somebody vouches for may disagree by so much.
constexpr milliseconds kClockSlack = std::chrono::seconds(5);

std::optional<milliseconds> TimeBetween(const std::optional<WallTime>& ended, WallTime started) {
  if (!ended || *ended > started + kClockSlack) return std::nullopt;
  return std::max(milliseconds(0), started - *ended);
}

}  // namespace

BootHistory::BootHistory(const Context& context, const std::filesystem::path& directory,
                         const BootSources& sources)
    : context_(context), files_(directory) {
  record_.boot_id = sources.boot_id;
  if (!sources.boot_id.empty()) Judge(sources);
  boot_ = {.reason = record_.reason, .detail = record_.detail};
}

void BootHistory::Judge(const BootSources& sources) {
  BootClues clues{.record = files_.ReadRecord(),
                  .alive = files_.ReadAlive(),
                  .shutdown = files_.ReadShutdown(),
                  .shutdowns_are_noted = files_.ShutdownsAreNoted()};
  // The shutdown of this very boot has not come about, or only that of its services.
  if (clues.shutdown && clues.shutdown->boot_id == sources.boot_id) {
    if (const Status removed = files_.RemoveShutdown(); !removed) {
      spdlog::warn("boots: {}", removed.error().message);
    }
    clues.shutdown.reset();
  }
  if (clues.record && clues.record->boot_id == sources.boot_id) {
    record_ = *std::move(clues.record);
    return;
  }
  const bool was_here = clues.alive && clues.alive->boot_id == sources.boot_id;
  if (was_here) clues.alive.reset();  // Its record is lost.
  clues.crashes = ReadCrashRecords({sources.sys / "fs/pstore", sources.moved_crashes},
                                   clues.record ? clues.record->seen : SeenRecords());
  clues.watchdog = ReadWatchdogStatus(sources.sys);
  BootVerdict verdict = JudgeBoot(clues);
  if (clues.record) record_.counts = clues.record->counts;
  if (was_here) verdict = {.detail = "what was known of it is lost"};
  record_.reason = verdict.reason;
  record_.detail = std::move(verdict.detail);
  record_.ended = verdict.ended;
  record_.seen = std::move(clues.crashes.all);
  if (clues.shutdown) record_.noted = clues.shutdown->boot_id;
  is_new_ = !was_here;
  if (is_new_) ++record_.counts.at(static_cast<std::size_t>(record_.reason));
  if (const Status written = files_.WriteRecord(record_); !written) {
    spdlog::warn("boots: {}: the next start will know less", written.error().message);
  }
}

void BootHistory::Start() {
  Tick();
  if (is_new_) TellOfBoot();
  is_started_ = true;
}

void BootHistory::TellOfBoot() const {
  const std::string text = DescribeBoot(boot_);
  // It need not have been just now, when the agent has only been installed.
  if (boot_.reason == BootReason::kUnknown) return spdlog::info("this boot: {}", text);
  const bool is_clean = boot_.reason == BootReason::kClean;
  spdlog::log(is_clean ? spdlog::level::info : spdlog::level::warn, "rebooted: {}", text);
}

void BootHistory::Tick() {
  if (!boot_.started) LearnTime();
  if (!noted_ || context_.core.Now() - *noted_ >= kNoteEvery) NoteLife();
  tick_ = context_.core.RunAfter(boot_.started ? kNoteEvery : kLookEvery, [this] { Tick(); });
}

void BootHistory::LearnTime() {
  const WallTime started = context_.clock.At(milliseconds(0));
  if (!context_.clock.IsKnown()) return;
  boot_.started = started;
  boot_.offline = TimeBetween(record_.ended, started);
  noted_.reset();  // What was noted by now says nothing of the time.
  if (boot_.offline && is_new_ && is_started_) TellOfBoot();  // Now with how long it was away.
  on_change_();
}

void BootHistory::NoteLife() {
  if (record_.boot_id.empty()) return;
  noted_ = context_.core.Now();
  const WallTime started = context_.clock.At(milliseconds(0));
  const LifeMark mark{.boot_id = record_.boot_id,
                      .since_boot = context_.core.SinceBoot(),
                      .started = started,
                      .trust = context_.clock.trust()};
  context_.disk.Post([this, mark] {
    const Status written = files_.WriteAlive(mark);
    if (!written && !std::exchange(is_told_, true)) {
      spdlog::warn("boots: {}: how long the device is off will not be known",
                   written.error().message);
    }
  });
}

void BootHistory::Stop() {
  tick_.Cancel();
  NoteLife();
}

}  // namespace edgefeed
