#pragma once

#include <array>
#include <string_view>

#include "tests/hostile/hostile_device.h"

namespace edgefeed {

// Something that a device does which was let in and means harm. One round takes some seconds at
// most, and ends at once when the device is stopped.
struct Misdeed {
  std::string_view name;
  void (*round)(HostileDevice& device);
};

// feed_misdeeds.cc: payloads that make no sense in any of the ways that protobuf lets through;
void SendGarbage(HostileDevice& device);
// as large as they may be, as fast as they go;
void SendLargest(HostileDevice& device);
// small, and of as many values as they may have;
void SendMostValues(HostileDevice& device);
// with series of which no two are the same.
void SendEndlessSeries(HostileDevice& device);
// Handshake, feed, payload, and again.
void ReconnectWithoutEnd(HostileDevice& device);
// A feed to which there is much to say, and which reads nothing.
void FeedWithoutReading(HostileDevice& device);
// Feeds that never say whose they are.
void OpenManyStreams(HostileDevice& device);

// upload_misdeeds.cc: names that lead out of the directory or are the victim's, and sizes past all
// quotas;
void UploadWithTricks(HostileDevice& device);
// uploads that are begun, sent a chunk, and left open.
void LeaveUploadsOpen(HostileDevice& device);

// read_misdeeds.cc: feeds, uploads and questions under the name of the victim;
void PlayAnother(HostileDevice& device);
// all that it may ask about itself, at once, and reads nothing of the answers.
void AskWithoutReading(HostileDevice& device);

inline constexpr std::array kMisdeeds = {
    Misdeed{"garbage", SendGarbage},
    Misdeed{"largest payloads", SendLargest},
    Misdeed{"most values", SendMostValues},
    Misdeed{"endless series", SendEndlessSeries},
    Misdeed{"handshakes", ReconnectWithoutEnd},
    Misdeed{"deaf feed", FeedWithoutReading},
    Misdeed{"many streams", OpenManyStreams},
    Misdeed{"upload tricks", UploadWithTricks},
    Misdeed{"uploads left open", LeaveUploadsOpen},
    Misdeed{"another's name", PlayAnother},
    Misdeed{"deaf questions", AskWithoutReading},
};

}  // namespace edgefeed
