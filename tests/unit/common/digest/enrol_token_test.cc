#include "common/digest/enrol_token.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace edgefeed {
namespace {

const EnrolToken kToken{.id = "0123abcd",
                        .secret = "00112233445566778899aabbccddeeff",
                        .authority = Sha256Of("a certificate")};

TEST_CASE("a token is read as it was written") {
  const std::string text = ToString(kToken);
  CHECK(text == "edgefeed_enrol_0123abcd_00112233445566778899aabbccddeeff_" +
                    ToString(Sha256Of("a certificate")));
  const auto read = ParseEnrolToken(text);
  REQUIRE(read);
  CHECK(*read == kToken);
}

TEST_CASE("anything else is refused, with words that do not repeat it") {
  const std::string text = ToString(kToken);
  std::vector<std::string> others = {"",         "edgefeed_enrol_",
                                     text + "0", text.substr(1),
                                     " " + text, "edgefeed_" + std::string(64, 'a')};
  for (std::size_t size = 0; size < text.size(); ++size) others.push_back(text.substr(0, size));
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char other : {'g', 'A', '-', '\0', '\xff'}) {
      std::string changed = text;
      changed[at] = other;
      if (changed != text && !(other == 'g' && text[at] == 'g')) others.push_back(changed);
    }
  }
  for (const std::string& other : others) {
    CAPTURE(other);
    const auto read = ParseEnrolToken(other);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::kInvalidArgument);
    CHECK(read.error().message.find(kToken.secret) == std::string::npos);
    CHECK(read.error().message.starts_with("this is no enrolment token: "));
  }
}

}  // namespace
}  // namespace edgefeed
