#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "agent/ports.h"

namespace edgefeed {

// A queue in memory, whose streams are 1, 2, 3 …, one for each connection.
class FakeSampleQueue final : public SampleQueue {
 public:
  // Samples taken 1 s, 2 s, … after boot.
  void Arrive(int count = 1) {
    for (int i = 0; i < count; ++i) {
      samples_.emplace_back().sample.since_boot = std::chrono::seconds(++arrived_);
    }
  }
  [[nodiscard]] std::size_t held() const { return samples_.size(); }
  [[nodiscard]] const std::vector<StreamPosition>& rejected() const { return rejected_; }
  // From now on TakeBacklog() answers only when told to.
  std::function<void(std::function<void()>)> delay_backlog = [](const auto& answer) { answer(); };

  std::vector<StreamPosition> BeginConnection() override {
    if (!samples_.empty()) {
      for (auto held = samples_.begin(); held != samples_.end() - 1; ++held) Number(held->sample);
    }
    ++stream_;
    next_ = 1;
    std::vector<StreamPosition> last;
    for (Held& held : samples_) {
      held.taken = false;
      const StreamPosition at = held.sample.position;
      if (at.stream == 0) continue;
      if (last.empty() || last.back().stream != at.stream) last.push_back(at);
      last.back() = at;
    }
    return last;
  }
  SampleBatch TakeLive(std::size_t most) override {
    return Take(most, [this](const Sample& s) { return IsLive(s); });
  }
  void TakeBacklog(std::size_t most, std::function<void(SampleBatch)> answer) override {
    delay_backlog([this, most, answer = std::move(answer)] {
      StreamId stream = 0;  // One stream a batch.
      SampleBatch batch = Take(most, [&](const Sample& s) {
        if (IsLive(s)) return false;
        if (stream == 0) stream = s.position.stream;
        return s.position.stream == stream;
      });
      batch.backlog = true;
      answer(std::move(batch));
    });
  }
  [[nodiscard]] bool HasBacklog() const override {
    return std::ranges::any_of(samples_,
                               [&](const Held& h) { return !h.taken && !IsLive(h.sample); });
  }
  void Acknowledge(const StreamPosition& position) override {
    std::erase_if(samples_, [&](const Held& h) {
      return h.sample.position.stream == position.stream &&
             h.sample.position.sequence <= position.sequence;
    });
  }
  void Reject(const StreamPosition& position) override {
    if (std::erase_if(samples_, [&](const Held& h) { return h.sample.position == position; }) > 0) {
      rejected_.push_back(position);
    }
  }
  [[nodiscard]] std::uint64_t unacknowledged() const override {
    return static_cast<std::uint64_t>(std::ranges::count_if(samples_, &Held::taken));
  }

 private:
  struct Held {
    Sample sample;
    bool taken = false;
  };
  [[nodiscard]] bool IsLive(const Sample& sample) const {
    return sample.position.stream == 0 || sample.position.stream == stream_;
  }
  void Number(Sample& sample) {
    if (sample.position.stream == 0) sample.position = {stream_, next_++};
  }
  SampleBatch Take(std::size_t most, const std::function<bool(const Sample&)>& wanted) {
    SampleBatch batch;
    for (Held& held : samples_) {
      if (batch.samples.size() == most) break;
      if (held.taken || !wanted(held.sample)) continue;
      held.taken = true;
      Number(held.sample);
      batch.samples.push_back(held.sample);
    }
    return batch;
  }

  std::deque<Held> samples_;
  StreamId stream_ = 1;
  std::uint64_t next_ = 1;
  int arrived_ = 0;
  std::vector<StreamPosition> rejected_;
};

}  // namespace edgefeed
