#include "collector/http/credentials.h"

#include <doctest/doctest.h>

#include <string>

namespace edgefeed {
namespace {

std::string AsGrpc(const std::string& header) {
  return ShownBy({.authorization = header}).authorization;
}

TEST_CASE("a token is shown by itself, or as the password of any user") {
  CHECK(AsGrpc("Bearer edgefeed_0a1b") == "Bearer edgefeed_0a1b");
  CHECK(AsGrpc("bearer   edgefeed_0a1b ") == "Bearer edgefeed_0a1b");
  CHECK(AsGrpc("Basic a2ltOnNlY3JldA==") == "Bearer secret");  // kim:secret
  CHECK(AsGrpc("BASIC OnNlY3JldA==") == "Bearer secret");      // :secret
  CHECK(AsGrpc("Basic a2ltOnNlY3JldHM=") == "Bearer secrets");
  CHECK(AsGrpc("Basic a2ltOnNlY3JldGVk") == "Bearer secreted");
  CHECK(AsGrpc("Basic YTpiOmM=") == "Bearer b:c");  // Only the user's name has no colon.
  CHECK(AsGrpc("Basic Og==") == "Bearer ");
}

TEST_CASE("what is neither is nobody's token, and not nothing") {
  CHECK(AsGrpc("").empty());
  for (const std::string header :
       {"Basic", "Basic ", "Basic !!!!", "Basic a2lt", "Basic a2ltOnNlY3JldA",
        "Basic ====", "Digest username=kim", "secret", "Bearersecret", " Bearer secret"}) {
    CAPTURE(header);
    CHECK_FALSE(AsGrpc(header).empty());
    CHECK_FALSE(AsGrpc(header).starts_with("Bearer "));
  }
}

TEST_CASE("the certificate is that of the connection") {
  CHECK(ShownBy({.certificate = "PEM"}).certificate == "PEM");
}

}  // namespace
}  // namespace edgefeed
