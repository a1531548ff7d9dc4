#include "collector/uploads/digest_follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kStepBytes = std::uint64_t{512} << 10;

}  // namespace

void DigestFollower::Follow(std::uint64_t end) {
  strand_.Post([weak = weak_from_this(), end] {
    if (const auto self = weak.lock()) self->SetEnd(end);
  });
}

void DigestFollower::Finish(std::uint64_t end, Done done) {
  strand_.Post([weak = weak_from_this(), end, done = std::move(done)] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->done_ = done;
    self->SetEnd(end);
  });
}

void DigestFollower::SetEnd(std::uint64_t end) {
  end_ = std::max(end_, end);
  if (!std::exchange(stepping_, true)) Step();
}

void DigestFollower::Step() {
  if (failed_.ok() && hashed_ < end_) failed_ = HashNext();
  if (failed_.ok() && hashed_ < end_) {
    return strand_.Post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Step();
    });
  }
  stepping_ = false;
  if (done_) Tell(failed_.ok() ? Result<Sha256Digest>(hash_.Finish()) : failed_.error());
}

void DigestFollower::Tell(Result<Sha256Digest> result) {
  const Done done = std::exchange(done_, nullptr);
  done(std::move(result));
}

Status DigestFollower::HashNext() {
  if (!fd_.valid()) fd_.Reset(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd_.valid()) return ErrnoError(file_.string(), errno);
  std::string buffer(ToSize(std::min(kStepBytes, end_ - hashed_)), '\0');
  const ssize_t n = ::pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(hashed_));
  if (n < 0 && errno == EINTR) return {};
  if (n < 0) return ErrnoError(file_.string(), errno);
  if (n == 0) return Error{Code::kDataLoss, file_.string() + ": has become shorter"};
  hash_.Update(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
  hashed_ += static_cast<std::uint64_t>(n);
  return {};
}

}  // namespace edgefeed
