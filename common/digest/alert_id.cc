#include "common/digest/alert_id.h"

#include "common/digest/sha256.h"
#include "common/model/byte_codec.h"

namespace edgefeed {

std::string AlertId(const AlertKey& key) {
  constexpr std::size_t kIdBytes = 8;
  ByteWriter bytes;
  bytes.Text(key.device);
  bytes.Text(key.rule);
  bytes.Text(key.series.metric);
  for (const Label& label : key.series.labels) {
    bytes.Text(label.name);
    bytes.Text(label.value);
  }
  return HexText(BytesOf(Sha256Of(bytes.Take())).substr(0, kIdBytes));
}

}  // namespace edgefeed
