#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/http/http_client.h"
#include "common/model/notification.h"

namespace edgefeed {

// A notification on its way to one receiver.
struct Parcel {
  Notification notification;
  // What the receiver was last told of the same alert, if its severity or the labels of its device
  // were other ones.
  std::optional<Notification> before;
  friend bool operator==(const Parcel&, const Parcel&) = default;
};

// How one kind of receiver is told. On the strand of its courier.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // `now` is when the request is sent. An error: it cannot be made at this time.
  virtual Result<HttpClient::Request> Tell(const Parcel& parcel, WallTime now) = 0;
  // That these alerts still fire. Only of a receiver that forgets alerts when it hears no more of
  // them.
  virtual HttpClient::Request Remind(std::span<const Notification> firing, WallTime now) = 0;
};

}  // namespace edgefeed
