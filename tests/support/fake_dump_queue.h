#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "agent/ports.h"

namespace edgefeed {

// Dumps in memory, the oldest first. Delivered and rejected ones go.
class FakeDumpQueue final : public DumpQueue {
 public:
  // "begin ID", "delivered ID", "unreachable ID: WHY", "failed …", "rejected …"
  std::vector<std::string> events;
  std::function<void(const std::string&)> on_event = [](const std::string&) {};
  Status counting;  // What BeginAttempt() says.
  Status reading;   // What Read() says, unless it is OK.

  std::vector<std::string> Take() { return std::exchange(events, {}); }

  void Arrive(const std::string& id, std::string bytes) {
    SealedDump dump{.id = id, .filename = id + ".core", .size_bytes = bytes.size()};
    if (!bytes.empty()) dump.sha256 = Sha256Of(bytes);
    held_.push_back({std::move(dump), std::move(bytes)});
    on_arrival_();
  }
  const SealedDump& dump(const std::string& id) { return Find(id).dump; }

  std::optional<SealedDump> Next(DumpsAllowed allowed) override {
    for (const Held& held : held_) {
      if (allowed == DumpsAllowed::kAll || held.dump.size_bytes == 0) return held.dump;
    }
    return std::nullopt;
  }
  Status BeginAttempt(const std::string& id) override {
    if (counting) Add("begin " + id);
    return counting;
  }
  Result<std::string> Read(const std::string& id, std::uint64_t offset, std::size_t most) override {
    if (!reading) return reading.error();
    return Find(id).bytes.substr(offset, most);
  }
  void EndAttempt(const std::string& id, DumpOutcome outcome, const std::string& why) override {
    static constexpr const char* kNames[] = {"delivered", "unreachable", "failed", "rejected"};
    Add(std::string(kNames[static_cast<int>(outcome)]) + " " + id +
        (why.empty() ? "" : ": " + why));
    if (outcome == DumpOutcome::kDelivered || outcome == DumpOutcome::kRejected) {
      std::erase_if(held_, [&](const Held& held) { return held.dump.id == id; });
    }
    on_arrival_();  // It may be called at any time.
  }
  void OnArrival(std::function<void()> on_arrival) override { on_arrival_ = std::move(on_arrival); }

 private:
  void Add(const std::string& event) {
    events.push_back(event);
    on_event(event);
  }
  struct Held {
    SealedDump dump;
    std::string bytes;
  };
  Held& Find(const std::string& id) {
    const auto found = std::ranges::find(held_, id, [](const Held& held) { return held.dump.id; });
    REQUIRE(found != held_.end());
    return *found;
  }

  std::vector<Held> held_;
  std::function<void()> on_arrival_ = [] {};
};

}  // namespace edgefeed
