#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

namespace edgefeed {

// As whom a device is let in that means harm, and whom it would harm.
struct HostileSpec {
  std::string target;  // HOST:PORT
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  std::string name;    // Of its certificate.
  std::string victim;  // Another device of the fleet.
  std::uint64_t seed = 0;
  std::size_t misdeed = 0;  // What it does: its place in kMisdeeds.
};

// What misdeeds are made of. On the thread that misbehaves, but for Stop().
class HostileDevice {
 public:
  explicit HostileDevice(HostileSpec spec);

  // From any thread: breaks off the calls that there are, and those that begin after it.
  void Stop();
  [[nodiscard]] bool stopped() const;
  // Until Stop(), but not longer: before it tries again what has just failed.
  void Wait(std::chrono::milliseconds longest);

  // A connection of its own, with a handshake of its own.
  [[nodiscard]] std::shared_ptr<grpc::Channel> Connect() const;
  // The one that it keeps.
  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  [[nodiscard]] const HostileSpec& spec() const { return spec_; }
  // Below `limit`, at which it is not; by the seed.
  std::uint64_t Random(std::uint64_t limit) { return random_() % limit; }
  std::string RandomBytes(std::size_t size);

 private:
  friend class HostileCall;

  const HostileSpec spec_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::mt19937_64 random_;

  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;                  // mutex_ guards it.
  std::set<grpc::ClientContext*> calls_;  // Under way. mutex_ guards it.
};

// The context of one call.
class HostileCall {
 public:
  HostileCall(HostileDevice& device, std::chrono::milliseconds longest);
  ~HostileCall();
  HostileCall(const HostileCall&) = delete;
  HostileCall& operator=(const HostileCall&) = delete;

  [[nodiscard]] grpc::ClientContext* context() { return &context_; }

 private:
  HostileDevice& device_;
  grpc::ClientContext context_;
};

}  // namespace edgefeed
