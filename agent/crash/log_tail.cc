#include "agent/crash/log_tail.h"

#include <utility>

namespace edgefeed {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kTimeLimit{2000};
constexpr std::string_view kPid = "%p";

// Whole lines only.
std::string LastLines(std::string text) {
  if (text.size() <= kMostBytes) return text;
  text.erase(0, text.size() - kMostBytes);
  text.erase(0, text.find('\n') + 1);
  return text;
}

}  // namespace

void LogTail::Read(const DumpInfo& crash, std::function<void(std::string)> done) {
  Command command{.environment = {"LC_ALL=C"}, .timeout = kTimeLimit};
  for (std::string argument : command_) {
    if (const auto at = argument.find(kPid); at != std::string::npos) {
      if (crash.pid == 0) return done({});
      argument.replace(at, kPid.size(), std::to_string(crash.pid));
    }
    command.argv.push_back(std::move(argument));
  }
  // One that runs still is of a dump that nobody waits for any more.
  if (command.argv.empty() || std::exchange(running_, true)) return done({});
  tail_.clear();
  command.on_output = [this](std::string_view bytes) {
    tail_.append(bytes);
    if (tail_.size() > 2 * kMostBytes) tail_ = LastLines(std::move(tail_));
  };
  runner_.Run(command, [this, alive = std::weak_ptr(alive_), done](const Result<int>& status) {
    if (alive.expired()) return;
    running_ = false;
    const bool is_good = status && *status == 0;
    done(is_good ? LastLines(std::exchange(tail_, {})) : std::string());
  });
}

}  // namespace edgefeed
