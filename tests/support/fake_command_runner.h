#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <utility>
#include <vector>

#include "common/runtime/child_process.h"

namespace edgefeed {

// Runs nothing: the test sees the commands and says how each ends.
class FakeCommandRunner final : public CommandRunner {
 public:
  void Run(const Command& command, Done done) override {
    CHECK_FALSE(running_);  // One at a time.
    commands_.push_back(command);
    running_ = std::move(done);
  }

  void Finish(Result<int> status) {
    REQUIRE(running_);
    const Done done = *std::exchange(running_, std::nullopt);
    done(std::move(status));
  }

  [[nodiscard]] bool running() const { return running_.has_value(); }
  // In the order in which they were started.
  [[nodiscard]] const std::vector<Command>& commands() const { return commands_; }

 private:
  std::vector<Command> commands_;
  std::optional<Done> running_;
};

}  // namespace edgefeed
