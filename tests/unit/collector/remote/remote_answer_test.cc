#include "collector/remote/remote_answer.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

RemoteAnswer Read(unsigned status, const std::string& body = "") {
  return ReadAnswer({.status = status, .body = body, .retry_after = {}});
}

TEST_CASE("what will never be taken is told apart from what may be later") {
  using Kind = RemoteAnswer::Kind;
  for (const unsigned taken : {200U, 202U, 204U}) CHECK(Read(taken).kind == Kind::kTaken);
  for (const unsigned later : {301U, 401U, 403U, 404U, 408U, 429U, 500U, 502U, 503U}) {
    CHECK(Read(later, "no").kind == Kind::kLater);
  }
  CHECK(Read(413).kind == Kind::kTooLarge);
  CHECK(Read(400, "what is this?").kind == Kind::kRefused);
}

TEST_CASE("why is in the answer's text") {
  CHECK(Read(400, "out of order sample").why == RemoteDrop::kOutOfOrder);
  CHECK(Read(400, "out of bounds").why == RemoteDrop::kTooOld);
  CHECK(Read(400, "duplicate sample for timestamp").why == RemoteDrop::kDuplicate);
  CHECK(Read(400, "label name too long").why == RemoteDrop::kRefused);
  const auto old = Read(500, "too old sample");
  CHECK(old.kind == RemoteAnswer::Kind::kRefused);
  CHECK(old.why == RemoteDrop::kTooOld);
}

}  // namespace
}  // namespace edgefeed
