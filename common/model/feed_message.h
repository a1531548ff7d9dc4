#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/model/alert.h"
#include "common/model/device.h"
#include "common/model/sample.h"
#include "common/model/stream.h"

// What goes over a LiveFeed, beside the original contract.
namespace edgefeed {

// The first message of a feed.
struct Hello {
  DeviceInfo info;
  std::vector<StreamPosition> held;  // The last sample held of each stream, oldest stream first.
  std::chrono::milliseconds speaks_every{0};  // At the latest, if only a ping; 0: who knows.
};

// A sample that the collector will never take, and why.
struct Rejection {
  StreamPosition position;
  std::string reason;
  friend bool operator==(const Rejection&, const Rejection&) = default;
};

// The answer to Hello.
struct Welcome {
  std::vector<StreamPosition> stored;  // Of the streams in Hello, those that are known.
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

// The collector is about to end the feed: come back after `after` and a random part of `spread`.
struct Redirect {
  std::vector<std::string> addresses;  // host:port, tried before the configured ones.
  std::chrono::milliseconds after{0};
  std::chrono::milliseconds spread{0};
  friend bool operator==(const Redirect&, const Redirect&) = default;
};

// One message from the collector to the device. An empty one is a sign of life.
struct FeedReply {
  std::optional<Alert> alert;
  std::optional<Welcome> welcome;
  std::vector<StreamPosition> stored;  // All up to here is on stable storage, or was rejected.
  std::vector<Rejection> rejected;
  std::optional<Redirect> redirect;
  std::optional<WallTime> server_time;
  friend bool operator==(const FeedReply&, const FeedReply&) = default;
};

// One message from the device to the collector, checked.
struct FeedMessage {
  std::optional<Hello> hello;
  std::optional<DeviceInfo> info;  // What the device has come to know of itself since Hello.
  bool ping = false;
  std::uint64_t alerts_taken = 0;  // All alerts up to this number have arrived; 0: nothing new.
  bool backlog = false;            // The samples waited for the connection.
  std::vector<Sample> samples;  // Of one stream, in order; without positions from original clients.
  std::vector<Rejection> rejected;  // Samples of the batch that cannot be taken.
};

}  // namespace edgefeed
