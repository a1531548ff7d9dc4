#include "agent/upload/prefix.h"

#include <algorithm>
#include <utility>

#include "common/base/crc32c.h"
#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kStep = std::uint64_t{256} << 10;

}  // namespace

void Prefix::Reset(std::string id) {
  step_.Cancel();
  id_ = std::move(id);
  bytes_ = 0;
  crc_ = 0;
}

void Prefix::Add(std::uint64_t offset, std::string_view bytes) {
  if (offset != bytes_) return;
  crc_ = Crc32c(bytes, crc_);
  bytes_ += bytes.size();
}

void Prefix::Checksum(std::uint64_t bytes, std::function<void(Result<std::uint32_t>)> done) {
  if (bytes < bytes_) Reset(id_);
  done_ = std::move(done);
  step_ = scheduler_.RunAt(scheduler_.Now(), [this, bytes] { Step(bytes); });
}

void Prefix::Step(std::uint64_t target) {
  if (const Status read = ReadSome(target); !read) return std::exchange(done_, {})(read.error());
  if (bytes_ == target) return std::exchange(done_, {})(crc_);
  step_ = scheduler_.RunAt(scheduler_.Now(), [this, target] { Step(target); });
}

Status Prefix::ReadSome(std::uint64_t target) {
  const std::uint64_t wanted = std::min(target - bytes_, kStep);
  if (wanted == 0) return {};
  const auto bytes = queue_.Read(id_, bytes_, ToSize(wanted));
  if (!bytes) return bytes.error();
  if (bytes->size() != wanted) return Error{Code::kDataLoss, id_ + ": is shorter than it was"};
  Add(bytes_, *bytes);
  return {};
}

}  // namespace edgefeed
