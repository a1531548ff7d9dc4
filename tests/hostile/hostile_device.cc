#include "tests/hostile/hostile_device.h"

#include <utility>

namespace edgefeed {

HostileDevice::HostileDevice(HostileSpec spec)
    : spec_(std::move(spec)), channel_(Connect()), random_(spec_.seed) {}

void HostileDevice::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (grpc::ClientContext* const call : calls_) call->TryCancel();
  stopping_.notify_all();
}

bool HostileDevice::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void HostileDevice::Wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  stopping_.wait_for(lock, longest, [this] { return stopped_; });
}

std::shared_ptr<grpc::Channel> HostileDevice::Connect() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // It does not wait for longer and longer when it is turned away.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  return grpc::CreateCustomChannel(spec_.target, spec_.credentials, arguments);
}

std::string HostileDevice::RandomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random_());
  return bytes;
}

HostileCall::HostileCall(HostileDevice& device, std::chrono::milliseconds longest)
    : device_(device) {
  context_.set_deadline(std::chrono::system_clock::now() + longest);
  const std::lock_guard lock(device_.mutex_);
  device_.calls_.insert(&context_);
  if (device_.stopped_) context_.TryCancel();
}

HostileCall::~HostileCall() {
  const std::lock_guard lock(device_.mutex_);
  device_.calls_.erase(&context_);
}

}  // namespace edgefeed
