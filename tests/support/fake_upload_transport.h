#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/upload/transport.h"

namespace edgefeed {

// A network whose other end is the test. Checks that the uploader keeps the rules of
// UploadTransport.
class FakeUploadTransport final : public UploadTransport {
 public:
  // "connect a:1", "begin ID", "abort ID", "segment ID 3" (the epoch), "whole ID", "half-close",
  // "close"; chunks are in `chunks`.
  std::vector<std::string> said;
  std::vector<DumpChunk> chunks;  // All that were sent.
  bool calling = false;
  bool sending = false;

  // What was said since the last call.
  std::vector<std::string> Take() { return std::exchange(said, {}); }
  // The data of the chunks since the last call, one after the other.
  std::string TakeBytes() {
    std::string bytes;
    for (const DumpChunk& chunk : std::exchange(chunks, {})) bytes += chunk.data;
    return bytes;
  }
  void LetSend() {
    sending = false;
    events_->OnSent();
  }
  void LetSendAll() {
    while (calling && sending) LetSend();
  }
  void Answer(const Result<UploadReport>& answer) {
    REQUIRE(calling);
    calling = sending = false;
    events_->OnAnswer(answer);
  }

  void Connect(const Endpoint& collector, UploadEvents& events) override {
    CHECK(events_ == nullptr);
    events_ = &events;
    said.push_back("connect " + ToString(collector));
  }
  void Close() override {
    if (events_ != nullptr) said.emplace_back("close");
    events_ = nullptr;
    calling = sending = false;
  }
  void Begin(const SealedDump& dump) override { Call("begin " + dump.id); }
  void Abort(const SealedDump& dump) override { Call("abort " + dump.id); }
  void OpenSegment(const SealedDump& dump, std::uint64_t epoch) override {
    Call("segment " + dump.id + " " + std::to_string(epoch));
  }
  void OpenWhole(const SealedDump& dump) override { Call("whole " + dump.id); }
  void Send(DumpChunk chunk) override {
    CHECK(calling);
    CHECK_FALSE(sending);
    CHECK_FALSE(half_closed_);
    sending = true;
    chunks.push_back(std::move(chunk));
  }
  void HalfClose() override {
    CHECK_FALSE(sending);
    half_closed_ = true;
    said.emplace_back("half-close");
  }

 private:
  void Call(std::string what) {
    CHECK(events_ != nullptr);
    CHECK_FALSE(calling);
    calling = true;
    half_closed_ = false;
    said.push_back(std::move(what));
  }

  UploadEvents* events_ = nullptr;
  bool half_closed_ = false;
};

}  // namespace edgefeed
