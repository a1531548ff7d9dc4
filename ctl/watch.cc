#include "ctl/watch.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX, not <csignal>.
#include <unistd.h>

#include <random>

#include "common/runtime/strand.h"
#include "ctl/line_view.h"
#include "ctl/live_view.h"
#include "ctl/watcher.h"

namespace edgefeed {
namespace {

constexpr BackoffConfig kReconnect{.first = std::chrono::milliseconds(500),
                                   .cap = std::chrono::milliseconds(5000)};

// Ends the process if it cannot end itself: whoever reads our output may take nothing any more.
constexpr unsigned kEndWithinSeconds = 3;

// A watch with both of its views and the strand that all three live on.
class WatchSession {
 public:
  WatchSession(CollectorClient& client, SignalQueue& signals, const CtlOptions& options,
               const Endpoint& collector, const Clock& clock, Console& console)
      : signals_(signals),
        is_live_(console.out_is_terminal && !options.json),
        strand_("watch", clock),
        lines_(console, options.json ? JsonForm::kFilled : JsonForm::kNone),
        live_("edgefeedctl watch  " + ToString(collector), console, strand_),
        watcher_({client, strand_, view()}, options.watch,
                 Backoff(kReconnect, std::random_device{}()),
                 [this](Status result) { Finish(std::move(result)); }) {}

  Status Run() {
    strand_.Post([this] { Start(); });
    for (auto signal = signals_.Wait(); signal != TerminalSignal::kWoken;
         signal = signals_.Wait()) {
      if (signal == TerminalSignal::kEnd) ::alarm(kEndWithinSeconds);
      strand_.Post([this, signal] { Handle(signal); });
    }
    // Drawing timers go on the strand, as they must.
    RunOn(strand_, [this] { live_.Leave(); });
    return result_;
  }

 private:
  WatchView& view() { return is_live_ ? static_cast<WatchView&>(live_) : lines_; }

  void Start() {
    if (is_live_) live_.Enter();
    watcher_.Start();
  }

  void Handle(TerminalSignal signal) {
    if (signal == TerminalSignal::kEnd) watcher_.Stop();
    if (signal == TerminalSignal::kResize) live_.Redraw();
    if (signal == TerminalSignal::kSuspend) Suspend();
  }

  // The shell gets its screen back until it continues us.
  void Suspend() {
    live_.Leave();
    ::kill(::getpid(), SIGSTOP);
    if (is_live_) live_.Enter();
  }

  void Finish(Status result) {
    result_ = std::move(result);
    signals_.Wake();
  }

  SignalQueue& signals_;
  bool is_live_;
  Status result_;
  Strand strand_;
  LineView lines_;
  LiveView live_;
  Watcher watcher_;
};

}  // namespace

Status RunWatch(CollectorClient& client, SignalQueue& signals, const CtlOptions& options,
                const Endpoint& collector, const Clock& clock, Console& console) {
  return WatchSession(client, signals, options, collector, clock, console).Run();
}

}  // namespace edgefeed
