#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "ctl/console.h"

namespace edgefeed {

// One line that is drawn over itself, at most ten times a second; nothing where errors do not go to
// a terminal.
class ProgressBar {
 public:
  // `total_bytes`: nothing when it is not known. `clock` and `console` must outlive it.
  ProgressBar(std::string name, std::optional<std::uint64_t> total_bytes, const Clock& clock,
              Console& console);

  void SetTotal(std::uint64_t total_bytes) { total_bytes_ = total_bytes; }
  // What was there before: not to be counted as speed.
  void SetStart(std::uint64_t start_bytes) { start_bytes_ = start_bytes; }
  void Show(std::uint64_t done_bytes);
  // Before anything else is printed.
  void Clear();

 private:
  std::string name_;
  std::optional<std::uint64_t> total_bytes_;
  std::uint64_t start_bytes_ = 0;
  const Clock& clock_;
  Console& console_;
  SteadyTime started_;
  std::optional<SteadyTime> drawn_;
};

}  // namespace edgefeed
