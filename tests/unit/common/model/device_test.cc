#include "common/model/device.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

std::string WhyNot(const std::string& name) {
  const Status status = CheckDeviceName(name);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kInvalidArgument);
  return status.error().message;
}

TEST_CASE("a device's name is 1 to 128 of letters, digits and . _ : -") {
  CHECK(CheckDeviceName("a"));
  CHECK(CheckDeviceName("Edge-07.lab_2:eth0"));
  CHECK(CheckDeviceName(std::string(128, 'x')));
}

TEST_CASE("a refused name is quoted, at most its beginning and nothing unprintable") {
  CHECK(WhyNot("") == "service_name is empty");
  CHECK(WhyNot("a b") == "service_name 'a b' may only hold letters, digits and . _ : -");
  CHECK(WhyNot("a\n\x1b[2J") == "service_name 'a??[2J' may only hold letters, digits and . _ : -");
  CHECK(WhyNot(std::string("a\0b", 3)) ==
        "service_name 'a?b' may only hold letters, digits and . _ : -");
  CHECK(WhyNot("zürich") == "service_name 'z??rich' may only hold letters, digits and . _ : -");
  CHECK(WhyNot("../etc/passwd").find("'../etc/passwd'") != std::string::npos);
  CHECK(WhyNot(std::string(129, 'x')) ==
        "service_name '" + std::string(40, 'x') + "…' has 129 characters, at most 128 are allowed");
  CHECK(WhyNot(std::string(10'240, 'x')).size() < 200);
}

}  // namespace
}  // namespace edgefeed
