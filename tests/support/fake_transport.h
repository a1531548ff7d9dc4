#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/feed/transport.h"

namespace edgefeed {

// A network whose other end is the test. Checks that the feed keeps the rules of Connection.
class FakeTransport final : public Transport {
 public:
  // One connection that the feed opened.
  struct Call {
    Endpoint collector;
    ConnectionEvents* events = nullptr;  // Null when the feed, or the collector, has ended it.
    // "original 1:1", "hello 1:3 2:5", "live 2:1-3", "backlog 1:2", "ping"
    std::vector<std::string> sent;
    std::vector<Sample> samples;  // All that were sent.
    std::uint64_t alerts_taken = 0;
    bool established = true;
    bool sending = false;
    bool half_closed = false;

    [[nodiscard]] bool open() const { return events != nullptr; }
    void Answer(const Features& features) const { events->OnAnswered(features); }
    void Reply(const FeedReply& reply) const { events->OnReply(reply); }
    void Welcome(const std::vector<StreamPosition>& stored = {}) const {
      Reply({.welcome = edgefeed::Welcome{.stored = stored}});
    }
    void Store(StreamId stream, std::uint64_t sequence) const {
      Reply({.stored = {{stream, sequence}}});
    }
    void LetSend() {
      sending = false;
      events->OnSent();
    }
    // Lets everything out that the feed wants to send.
    void LetSendAll() {
      while (open() && sending) LetSend();
    }
    void Close(const Error& why, Trouble trouble = Trouble::kTcp) const {
      events->OnClosed(why, trouble);
    }
  };

  std::unique_ptr<Connection> Open(const Endpoint& collector, ConnectionEvents& events) override {
    CHECK((calls_.empty() || !calls_.back().open()));  // One at a time.
    calls_.push_back({.collector = collector, .events = &events, .sent = {}, .samples = {}});
    return std::make_unique<FakeConnection>(calls_.back());
  }

  // All connections so far; the last may be open.
  std::deque<Call>& calls() { return calls_; }
  Call& last() { return calls_.back(); }

 private:
  class FakeConnection final : public Connection {
   public:
    explicit FakeConnection(Call& call) : call_(call) {}
    ~FakeConnection() override { call_.events = nullptr; }
    FakeConnection(const FakeConnection&) = delete;
    FakeConnection& operator=(const FakeConnection&) = delete;

    void SendOriginal(const Sample& sample) override {
      call_.samples.push_back(sample);
      Add("original " + Name(sample.position));
    }
    void SendHello(std::span<const StreamPosition> held,
                   std::chrono::milliseconds /*speaks_every*/) override {
      std::string what = "hello";
      for (const StreamPosition& position : held) what += " " + Name(position);
      Add(what);
    }
    void SendBatch(const SampleBatch& batch) override {
      REQUIRE_FALSE(batch.samples.empty());
      const StreamPosition first = batch.samples.front().position;
      const StreamPosition last = batch.samples.back().position;
      std::string what = (batch.backlog ? "backlog " : "live ") + Name(first);
      if (last != first) what += "-" + std::to_string(last.sequence);
      call_.samples.insert(call_.samples.end(), batch.samples.begin(), batch.samples.end());
      Add(what);
    }
    void SendPing() override { Add("ping"); }
    void TakeAlerts(std::uint64_t number) override { call_.alerts_taken = number; }
    [[nodiscard]] bool established() const override { return call_.established; }
    void HalfClose() override { call_.half_closed = true; }

   private:
    static std::string Name(const StreamPosition& position) {
      return std::to_string(position.stream) + ":" + std::to_string(position.sequence);
    }
    void Add(std::string what) {
      CHECK_FALSE(call_.sending);
      CHECK_FALSE(call_.half_closed);
      call_.sending = true;
      call_.sent.push_back(std::move(what));
    }
    Call& call_;
  };

  std::deque<Call> calls_;
};

}  // namespace edgefeed
