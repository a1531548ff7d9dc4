#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/allowances.h"
#include "common/base/clock.h"

namespace edgefeed {

// How often one address may be wrong. Single thread.
class WrongTries {
 public:
  static constexpr double kPerSecond = 1;
  static constexpr double kAtOnce = 5;
  // After so long the next one may try, if it does not come more often.
  static constexpr std::chrono::milliseconds kNextTry{1000};

  // Whether this one may try now. The try counts as wrong, until WasRight().
  bool Try(SteadyTime now, const std::string& source);
  void WasRight(SteadyTime now, const std::string& source);

 private:
  Allowances sources_;
};

// Whose an address is: "10.0.0.1:5000" without its port. An IPv6 network of 64 bits is one host's.
std::string SourceOfPeer(std::string_view address);

}  // namespace edgefeed
