#include "common/base/result.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <memory>

namespace edgefeed {
namespace {

TEST_CASE("a result holds a value or an error") {
  Result<std::unique_ptr<int>> value(std::make_unique<int>(7));
  REQUIRE(value);
  CHECK(value.has_value());
  CHECK(**value == 7);
  const std::unique_ptr<int> taken = *std::move(value);
  CHECK(*taken == 7);

  const Result<std::string> failed(Error{Code::kNotFound, "x"});
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == Error{Code::kNotFound, "x"});
}

TEST_CASE("a status is a success unless it was made of an error") {
  CHECK(Status().ok());
  const Status failed(Error{Code::kAborted, "gone"});
  CHECK_FALSE(failed);
  CHECK(failed.error() == Error{Code::kAborted, "gone"});
}

TEST_CASE("a wrapped error says what first, and keeps its code and when to try again") {
  CHECK(Error{Code::kDataLoss, "torn"}.Wrap("outbox") == Error{Code::kDataLoss, "outbox: torn"});
  const std::chrono::seconds wait(5);
  CHECK(Error{Code::kResourceExhausted, "full", wait}.Wrap("hub") ==
        Error{Code::kResourceExhausted, "hub: full", wait});
}

TEST_CASE("an error of the system names the object and has a fitting code") {
  CHECK(ErrnoError("/x", ENOENT) == Error{Code::kNotFound, "/x: No such file or directory"});
  CHECK(ErrnoError("/x", EEXIST).code == Code::kAlreadyExists);
  CHECK(ErrnoError("/x", EACCES).code == Code::kPermissionDenied);
  CHECK(ErrnoError("/x", EPERM).code == Code::kPermissionDenied);
  CHECK(ErrnoError("/x", ENOSPC) == Error{Code::kResourceExhausted, "/x: No space left on device"});
  CHECK(ErrnoError("/x", EDQUOT).code == Code::kResourceExhausted);
  CHECK(ErrnoError("/x", EMFILE).code == Code::kResourceExhausted);
  CHECK(ErrnoError("/x", EIO).code == Code::kInternal);
}

TEST_CASE("codes are called what gRPC calls them") {
  CHECK(CodeName(Code::kCancelled) == "CANCELLED");
  CHECK(CodeName(Code::kInvalidArgument) == "INVALID_ARGUMENT");
  CHECK(CodeName(Code::kAlreadyExists) == "ALREADY_EXISTS");
  CHECK(CodeName(Code::kUnauthenticated) == "UNAUTHENTICATED");
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): a newer peer's.
  CHECK(CodeName(static_cast<Code>(99)) == "UNKNOWN");
}

}  // namespace
}  // namespace edgefeed
