#include "agent/proc/loadavg.h"

#include <doctest/doctest.h>

namespace edgefeed {

TEST_CASE("loadavg tells the number of threads") {
  CHECK(ParseThreadCount("0.52 0.58 0.59 2/1147 6284\n") == 1147);
}

TEST_CASE("a loadavg that is cut short tells nothing") {
  for (const char* text :
       {"", "0.52 0.58", "0.52 0.58 0.59 2", "0.52 0.58 0.59 2/", "0 0 0 2/x 1"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseThreadCount(text));
  }
}

}  // namespace edgefeed
