#include "common/model/boot.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a boot is described for people") {
  CHECK(DescribeBoot({}) == "reason not known");
  CHECK(DescribeBoot({.reason = BootReason::kClean, .offline = 187s}) ==
        "clean shutdown, off for 3m7s");
  CHECK(DescribeBoot({.reason = BootReason::kKernelPanic, .detail = "x", .offline = 2h}) ==
        "kernel panic: x, off for 2h");
  CHECK(DescribeBoot({.reason = BootReason::kUnclean, .offline = 52h}) ==
        "power cut or reset, off for up to 2d4h");
  CHECK(DescribeBoot({.reason = BootReason::kClean, .offline = 999ms}) ==
        "clean shutdown, off for less than a second");
}

TEST_CASE("reasons have names, by which they are found") {
  for (const BootReason reason : kBootReasons) {
    CHECK(FindBootReason(BootReasonName(reason)) == reason);
  }
  CHECK_FALSE(FindBootReason("aliens"));
}

}  // namespace
}  // namespace edgefeed
