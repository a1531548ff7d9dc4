#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <string>
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
    std::vector<std::string> sent;       // "original 1", "full 2", "ping"
    bool sending = false;
    bool half_closed = false;

    [[nodiscard]] bool open() const { return events != nullptr; }
    void Answer(const Features& features) const { events->OnAnswered(features); }
    void Acknowledge(std::uint64_t sequence) const { events->OnAcknowledged(sequence); }
    void LetSend() {
      sending = false;
      events->OnSent();
    }
    // Lets everything out that the feed wants to send.
    void LetSendAll() {
      while (open() && sending) LetSend();
    }
    void Close(const Error& why) const { events->OnClosed(why); }
  };

  std::unique_ptr<Connection> Open(const Endpoint& collector, ConnectionEvents& events) override {
    CHECK((calls_.empty() || !calls_.back().open()));  // One at a time.
    calls_.push_back({.collector = collector, .events = &events, .sent = {}});
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

    void Send(const Sample& sample, Dialect dialect) override {
      Add((dialect == Dialect::kFull ? "full " : "original ") + std::to_string(sample.sequence));
    }
    void SendPing() override { Add("ping"); }
    void HalfClose() override { call_.half_closed = true; }

   private:
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
