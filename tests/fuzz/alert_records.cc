// collector/alerts and notify: events, alerts, silences and notifications, from their databases.
#include "collector/alerts/alert_codec.h"
#include "collector/notify/notification_codec.h"
#include "common/base/crc32c.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

// Compared as bytes, because NaN is not the same as itself.
template <typename Decode, typename Encode>
void Try(std::string_view bytes, Decode decode, Encode encode) {
  const auto value = decode(bytes);
  if (!value) return;
  const std::string written = encode(*value);
  const auto again = decode(written);
  Promise(again.has_value(), "what was written can be read");
  Promise(encode(*again) == written, "what was written comes back");
}

std::string WithChecksum(std::string_view bytes) {
  std::string out(bytes);
  std::uint32_t checksum = Crc32c(bytes);
  for (int i = 0; i < 4; ++i, checksum >>= 8U) out.push_back(static_cast<char>(checksum & 0xFFU));
  return out;
}

void TrySilence(std::string_view bytes) {
  auto silence = DecodeSilence(bytes);
  if (!silence || !CheckSilence(*silence, silence->created)) return;
  const SilenceInForce in_force(*silence);
  (void)in_force.Holds(silence->created);
  AlertEvent event;
  event.key = {.device = silence->author, .rule = silence->comment, .series = {}};
  (void)in_force.Covers(event);
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgefeed;  // NOLINT(google-build-using-namespace)
  const auto bytes = FuzzInput(data, size).rest();
  Try(bytes, DecodeEvent, EncodeEvent);
  Try(bytes, DecodeAlert, EncodeAlert);
  Try(bytes, DecodeSilence, EncodeSilence);
  Try(bytes, DecodeNotification, EncodeNotification);
  Try(WithChecksum(bytes), DecodeNotification, EncodeNotification);
  TrySilence(bytes);
  return 0;
}
