#include "common/digest/sha256.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("SHA-256 is that of FIPS 180-2, in one piece or several") {
  CHECK(ToString(Sha256Of("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(ToString(Sha256Of("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  pieces.Update("a");
  pieces.Update("");
  pieces.Update("bc");
  CHECK(pieces.Finish() == Sha256Of("abc"));
}

TEST_CASE("a digest travels as 32 bytes, and nothing else is one") {
  const Sha256Digest digest = Sha256Of("abc");
  CHECK(DigestFrom(BytesOf(digest)) == digest);
  CHECK_FALSE(DigestFrom(BytesOf(digest).substr(1)));
  CHECK_FALSE(DigestFrom(""));
  CHECK(HexText("\x01\xfe") == "01fe");
}

}  // namespace
}  // namespace edgefeed
