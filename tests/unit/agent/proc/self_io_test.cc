#include "agent/proc/self_io.h"

#include <doctest/doctest.h>

namespace edgefeed {

TEST_CASE("self/io tells what was written to storage") {
  CHECK(ParseWrittenBytes("rchar: 6976\nwchar: 99\nsyscr: 10\nsyscw: 0\nread_bytes: 0\n"
                          "write_bytes: 12288\ncancelled_write_bytes: 4096\n") == 12288);
  CHECK(ReadWrittenBytes({.proc = "/proc", .sys = "/sys"}));
}

TEST_CASE("a self/io that is missing, cut short or odd tells nothing") {
  CHECK_FALSE(ParseWrittenBytes(""));
  CHECK_FALSE(ParseWrittenBytes("cancelled_write_bytes: 4096\n"));
  CHECK_FALSE(ParseWrittenBytes("write_bytes:"));
  CHECK_FALSE(ParseWrittenBytes("write_bytes: many\n"));
  CHECK_FALSE(ReadWrittenBytes({.proc = "/no/such", .sys = "/sys"}));
}

}  // namespace edgefeed
