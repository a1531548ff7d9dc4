// What strangers send to enrol, a token and a request for a certificate, and the index that
// remembers it.
#include "common/ca/ca_index.h"
#include "common/digest/enrol_token.h"
#include "common/pki/key.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::FuzzInput input(data, size);
  const std::string token(input.Line());
  const std::string rest(input.rest());
  if (const auto parsed = edgefeed::ParseEnrolToken(token)) {
    edgefeed::Promise(edgefeed::ToString(*parsed) == token, "a token is one text");
  }
  if (const auto key = edgefeed::Key::FromRequest("csr", rest)) {
    edgefeed::Promise(!key->PrivatePem(), "a request has no private key");
    edgefeed::Promise(key->PublicDer().has_value(), "a key that is taken has a digest");
  }
  const std::string text = std::string(edgefeed::kCaIndexHeader) + rest;
  if (const auto index = edgefeed::ParseCaIndex("index", text)) {
    for (const auto& one : index->tokens) {
      edgefeed::Promise(edgefeed::IsEnrolTokenId(one.id), "a token has an id");
    }
    edgefeed::Promise(index->whole_bytes <= text.size(), "no more is whole than there is");
  }
  return 0;
}
