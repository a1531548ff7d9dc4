#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "common/base/result.h"

namespace edgefeed {

// Who gets the cores of processes that crash: two settings of the kernel, core(5).
struct CoreHandler {
  std::string pattern;  // kernel.core_pattern
  std::string
      pipe_limit;  // kernel.core_pipe_limit: 0 lets a process go before its handler is done.
  friend bool operator==(const CoreHandler&, const CoreHandler&) = default;
};

// Puts ourselves in the place of the handler that is there, and that one back.
class CoreHandlerSwitch {
 public:
  struct Places {
    std::filesystem::path kernel = "/proc/sys/kernel";
    std::filesystem::path saved;  // What was there before us.
    std::filesystem::path boot = "/etc/sysctl.d/60-edgefeed-capture.conf";  // Sets it at each boot.
  };
  explicit CoreHandlerSwitch(Places places) : places_(std::move(places)) {}

  [[nodiscard]] Result<CoreHandler> Current() const;
  // Nothing: there is none, we are not installed.
  [[nodiscard]] std::optional<CoreHandler> Saved() const;

  // Saves what is there, unless we are there already; sets, and reads back: a kernel may take a
  // pattern without a word and not use it. Returns what it replaced. On failure the old one is
  // back.
  Result<CoreHandler> Install(const std::string& program, const std::string& arguments);
  // Returns what is there now: the saved one, unless somebody else has replaced us meanwhile.
  Result<CoreHandler> Uninstall();

 private:
  Status Set(const CoreHandler& handler) const;
  Status WriteBoot(const CoreHandler& handler) const;

  Places places_;
};

}  // namespace edgefeed
