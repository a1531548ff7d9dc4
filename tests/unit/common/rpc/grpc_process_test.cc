#include "common/rpc/grpc_process.h"

#include <doctest/doctest.h>

#include <string>

#include "common/wire/dump_info.h"
#include "tests/support/log_capture.h"

namespace edgefeed {
namespace {

// A message with a text that is not UTF-8.
std::string BadText() {
  DumpInfo info;
  info.executable = "executable";
  std::string bytes = EncodeDumpInfo(info);
  bytes[bytes.find(info.executable)] = '\xFF';
  return bytes;
}

TEST_CASE("messages that are not UTF-8 do not fill the log, however many come") {
  PrepareGrpc();
  LogCapture log;
  for (int i = 0; i < 100; ++i) CHECK_FALSE(DecodeDumpInfo(BadText()));
  const auto lines = log.Take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("warning protobuf: "));
}

}  // namespace
}  // namespace edgefeed
