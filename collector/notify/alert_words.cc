#include "collector/notify/alert_words.h"

#include "common/base/varint.h"
#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

constexpr std::size_t kFingerprintDigits = 32;

// With its length, so that no two keys are the same bytes.
void Put(std::string_view text, std::string& out) {
  PutVarint(text.size(), out);
  out += text;
}

}  // namespace

std::string AlertFingerprint(const AlertKey& key) {
  std::string bytes;
  Put(key.device, bytes);
  Put(key.rule, bytes);
  Put(key.series.metric, bytes);
  for (const Label& label : key.series.labels) {
    Put(label.name, bytes);
    Put(label.value, bytes);
  }
  return ToString(Sha256Of(bytes)).substr(0, kFingerprintDigits);
}

}  // namespace edgefeed
