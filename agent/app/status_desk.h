#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/app/pipeline.h"
#include "agent/clock/device_clock.h"
#include "agent/crash/dump_counts.h"
#include "agent/outbox/outbox.h"
#include "agent/ports.h"
#include "agent/status/agent_status.h"
#include "agent/status/usage_today.h"
#include "common/base/result.h"
#include "common/runtime/answer_socket.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// Knows how the agent is, and tells who asks at a socket: `edgefeed-agent status`. Sees samples on
// their way to the next sink, for what they say of the agent itself. Outlives changes of the
// configuration. On the core strand, from which it takes a fraction of a millisecond a question:
// who gets no answer knows that this strand hangs.
class StatusDesk final : public SampleSink {
 public:
  struct Context {
    Strand& strand;
    SampleSink& next;
    SeriesTable& series;  // Of the samples.
    const Outbox& outbox;
    const DumpCounts& dumps;
    DeviceClock& clock;
    std::function<const Pipeline*()> pipeline;  // As of now; null: there is none.
    std::filesystem::path config_file;
  };
  // All must outlive it.
  explicit StatusDesk(Context context);

  void Accept(Sample sample) override;

  // Answers here from now on; empty: nowhere. Where that is not possible it says so in the log, and
  // the agent goes on without.
  void Serve(const std::filesystem::path& socket);
  void NoteReload(const Status& reloaded);

  [[nodiscard]] AgentStatus Gather() const;

 private:
  struct Reload {
    SteadyTime when;
    std::optional<std::string> error;
  };

  void Count(const Sample& sample);

  const Context context_;
  const SteadyTime started_;
  const std::chrono::milliseconds started_since_boot_;
  const std::optional<SeriesId> sent_;
  const std::optional<SeriesId> received_;
  const std::optional<SeriesId> resident_;
  std::optional<SteadyTime> last_sample_;
  std::optional<std::uint64_t> resident_bytes_;
  Usage total_;
  bool counts_disk_ = false;
  UsageToday today_;
  std::optional<Reload> reload_;
  std::filesystem::path path_;
  std::unique_ptr<AnswerSocket> socket_;
};

}  // namespace edgefeed
