#pragma once

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "collector/ports.h"
#include "common/runtime/strand.h"

namespace edgefeed {

inline DeviceSnapshot MakeDevice(std::string name, double cpu_usage_percent = 12.5) {
  DeviceSnapshot device;
  device.name = std::move(name);
  device.connected = true;
  device.address = "10.0.0.7:41000";
  device.first_seen = FromUnixMillis(1'700'000'000'000);
  device.last_seen = FromUnixMillis(1'700'000'009'500);
  device.request_count = 10;
  device.has_sample = true;
  device.sample_time = FromUnixMillis(1'700'000'009'000);
  device.cpu_usage_percent = cpu_usage_percent;
  device.memory_used_mib = 256;
  return device;
}

// Answers from a thread of its own, as the engine does.
class FakeFleet final : public FleetReader {
 public:
  // Sorted by name.
  void Set(std::vector<DeviceSnapshot> devices) {
    RunOn(engine_, [&] { devices_ = std::move(devices); });
  }
  // Answers nothing until ReleaseAnswers().
  void HoldAnswers() {
    RunOn(engine_, [this] { holding_ = true; });
  }
  void ReleaseAnswers() {
    RunOn(engine_, [this] {
      holding_ = false;
      for (const Task& answer : std::exchange(held_, {})) answer();
    });
  }
  // Waits for the n-th question since the start.
  void AwaitQuestions(int n) const {
    for (int asked = asked_.load(); asked < n; asked = asked_.load()) asked_.wait(asked);
  }

  void Get(const std::string& name, Detail,
           std::function<void(Result<DeviceSnapshot>)> answer) override {
    Ask([this, name, answer = std::move(answer)] {
      const auto found = std::ranges::find(devices_, name, &DeviceSnapshot::name);
      if (found == devices_.end()) {
        answer(Error{Code::kNotFound, "device '" + name + "' was never seen"});
      } else {
        answer(*found);
      }
    });
  }
  void List(Detail, std::function<void(std::vector<DeviceSnapshot>)> answer) override {
    Ask([this, answer = std::move(answer)] { answer(devices_); });
  }

 private:
  void Ask(Task answer) {
    engine_.Post([this, answer = std::move(answer)] {
      if (holding_) {
        held_.push_back(answer);
      } else {
        answer();
      }
    });
    ++asked_;
    asked_.notify_all();
  }

  SystemClock clock_;
  std::vector<DeviceSnapshot> devices_;
  std::vector<Task> held_;
  bool holding_ = false;
  std::atomic<int> asked_{0};
  Strand engine_{"engine", clock_};  // Last: gone before what its tasks use.
};

}  // namespace edgefeed
