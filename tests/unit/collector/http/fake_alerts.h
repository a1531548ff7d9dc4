#pragma once

#include <functional>
#include <utility>

#include "collector/ports.h"

namespace edgefeed {

// Says what the test has put into it.
class FakeAlerts final : public AlertReader {
 public:
  void ListFiring(std::size_t /*most*/, std::function<void(FiringAlerts)> answer) override {
    answer(firing);
  }
  FiringAlerts firing;
};

}  // namespace edgefeed
