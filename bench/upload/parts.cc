#include "bench/upload/parts.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>

#include "common/base/clock.h"
#include "common/rpc/status.h"
#include "fileupload.grpc.pb.h"

namespace edgefeed::bench {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10;  // The agent's.
constexpr std::uint64_t kSyncEvery = std::uint64_t{4} << 20;

Result<Seconds> Timed(const std::function<Status()>& work) {
  const SystemClock clock;
  const SteadyTime begin = clock.Steady();
  if (const Status done = work(); !done) return done.error();
  return Seconds(clock.Steady() - begin);
}

// Chunk by chunk; stops at the first error.
Status ForEachChunk(const TestFile& file,
                    const std::function<Status(std::uint64_t offset, std::string chunk)>& take) {
  for (std::uint64_t at = 0; at < file.size().count; at += kChunk) {
    auto chunk = file.Read(at, kChunk);
    if (!chunk) return chunk.error();
    if (Status taken = take(at, std::move(*chunk)); !taken) return taken;
  }
  return {};
}

Status SendAll(fileupload::FileUploadService::Stub& stub, const TestFile& file) {
  grpc::ClientContext context;
  fileupload::UploadResponse response;
  const auto writer = stub.Upload(&context, &response);
  fileupload::FileChunk message;
  Status sent = ForEachChunk(file, [&](std::uint64_t offset, std::string chunk) -> Status {
    message.set_offset(offset);
    message.set_data(std::move(chunk));
    if (writer->Write(message)) return {};
    return Error{Code::kUnavailable, "the stream broke"};
  });
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpc(status, context);
  if (sent && response.total_bytes() != file.size().count) {
    return Error{Code::kDataLoss, "not all bytes arrived"};
  }
  return sent;
}

}  // namespace

Result<Seconds> SendRaw(const std::string& target, const TestFile& file) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto stub = fileupload::FileUploadService::NewStub(
      grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
  return Timed([&] { return SendAll(*stub, file); });
}

Result<Seconds> Hash(const TestFile& file) {
  return Timed([&]() -> Status {
    Sha256 digest;
    Status read = ForEachChunk(file, [&](std::uint64_t /*offset*/, const std::string& chunk) {
      digest.Update(chunk);
      return Status();
    });
    if (!read) return read;
    if (digest.Finish() == file.sha256()) return {};
    return Error{Code::kDataLoss, "the file has changed"};
  });
}

Result<Seconds> Sink(const std::filesystem::path& directory, const TestFile& file) {
  const UniqueFd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoError(directory.string(), errno);
  return Timed([&] {
    return ForEachChunk(file, [&](std::uint64_t offset, const std::string& chunk) -> Status {
      const ssize_t written =
          ::pwrite(fd.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset));
      if (written != static_cast<ssize_t>(chunk.size())) return ErrnoError("write", errno);
      const std::uint64_t end = offset + chunk.size();
      const bool is_due = end % kSyncEvery == 0 || end == file.size().count;
      if (is_due && ::fdatasync(fd.get()) != 0) return ErrnoError("fdatasync", errno);
      return {};
    });
  });
}

}  // namespace edgefeed::bench
