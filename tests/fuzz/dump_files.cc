// agent/crash and common/wire: what stands beside dumps, also with a checksum that is right, and
// what devices say of their crashes.
#include "agent/crash/dump_record.h"
#include "agent/crash/framed_file.h"
#include "agent/crash/ledger.h"
#include "common/wire/dump_info.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/silent_protobuf.h"

namespace edgefeed {
namespace {

void TryRecord(std::string_view bytes) {
  const auto record = DecodeDumpRecord(bytes);
  if (!record) return;
  const std::string written = EncodeDumpRecord(*record);
  const auto again = DecodeDumpRecord(written);
  Promise(again && EncodeDumpRecord(*again) == written, "a dump's record comes back");
}

void TryLedger(std::string_view bytes) {
  const auto decoded = DecodeLedger(bytes);
  if (!decoded) return;
  const auto again = DecodeLedger(EncodeLedger(decoded->ledger, decoded->mark));
  Promise(again.has_value(), "a ledger that was written can be read");
}

void TryInfo(std::string_view bytes) {
  const auto info = DecodeDumpInfo(bytes);
  if (!info) return;
  Promise(info->threads.size() <= 256 && info->modules.size() <= 1024, "a description is bounded");
  const std::string written = EncodeDumpInfo(*info);
  const auto again = DecodeDumpInfo(written);
  Promise(again && EncodeDumpInfo(*again) == written, "a description comes back");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool silent = edgefeed::SilenceProtobuf();
  (void)silent;
  using namespace edgefeed;  // NOLINT(google-build-using-namespace)
  FuzzInput input(data, size);
  TryRecord(input.rest());
  TryLedger(input.rest());
  TryInfo(input.rest());
  const std::string head(input.Part());
  const std::string body(input.rest());
  TryRecord(Frame("EFCRASHD", {.head = head, .body = body}));
  TryLedger(Frame("EFCRASHL", {.head = head, .body = body}));
  return 0;
}
