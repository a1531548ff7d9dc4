#pragma once

#include <cstdint>

#include "common/http/http_client.h"

namespace edgefeed {

// Why values were not written, in the order of kRemoteDropNames.
enum class RemoteDrop : std::uint8_t {
  kOutOfOrder,
  kTooOld,
  kDuplicate,
  kRefused,
  kRetention,
  kUnreadable
};

// What a store's answer means for what was sent.
struct RemoteAnswer {
  enum class Kind {
    kTaken,
    kRefused,   // At least one of the values; perhaps none was taken. Never will be.
    kTooLarge,  // To be sent in parts.
    kLater,     // To be sent again.
  };
  Kind kind = Kind::kTaken;
  RemoteDrop why = RemoteDrop::kRefused;  // If refused.
};

// A receiver that does not know us, or is not there, is one to be mended: later.
RemoteAnswer ReadAnswer(const HttpClient::Response& response);

}  // namespace edgefeed
