#include "common/runtime/directory_watch.h"

#include <sys/inotify.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "common/runtime/strand.h"

namespace edgefeed {
namespace asio = boost::asio;
namespace {

constexpr std::uint32_t kInteresting = IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_ONLYDIR;
constexpr std::size_t kBufferBytes = 16384;

DirectoryWatch::Event EventOf(std::uint32_t mask) {
  if ((mask & IN_MOVED_TO) != 0) return DirectoryWatch::Event::kRenamedIn;
  if ((mask & IN_CREATE) != 0) return DirectoryWatch::Event::kCreated;
  if ((mask & IN_CLOSE_WRITE) != 0) return DirectoryWatch::Event::kClosedAfterWriting;
  return DirectoryWatch::Event::kLost;
}

}  // namespace

// Shared with the read that is under way.
struct DirectoryWatch::Impl : std::enable_shared_from_this<Impl> {
  Impl(Strand& strand, OnEvent listener)
      : on_event(std::move(listener)), descriptor(strand.context()) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0) descriptor.assign(fd);
  }

  void Read() {
    descriptor.async_read_some(
        asio::buffer(buffer),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          if (error || self->stopped) return;
          self->Tell(size);
          if (!self->stopped) self->Read();
        });
  }

  void Tell(std::size_t size) {
    for (std::size_t at = 0; at + sizeof(inotify_event) <= size && !stopped;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      // The kernel pads the name with zeros.
      const char* const name = buffer.data() + at + sizeof event;
      const std::string text(name, ::strnlen(name, event.len));
      at += sizeof event + event.len;
      const auto directory = directories.find(event.wd);
      if ((event.mask & IN_IGNORED) != 0) {
        if (directory != directories.end()) directories.erase(directory);
      } else if ((event.mask & IN_Q_OVERFLOW) != 0) {
        on_event({}, Event::kLost, {});
      } else if (directory != directories.end()) {
        on_event(std::filesystem::path(directory->second), EventOf(event.mask), text);
      }
    }
  }

  OnEvent on_event;
  asio::posix::stream_descriptor descriptor;
  std::map<int, std::filesystem::path> directories;
  std::array<char, kBufferBytes> buffer{};
  bool stopped = false;
};

DirectoryWatch::DirectoryWatch(Strand& strand, OnEvent on_event)
    : impl_(std::make_shared<Impl>(strand, std::move(on_event))) {
  if (impl_->descriptor.is_open()) impl_->Read();
}

DirectoryWatch::~DirectoryWatch() {
  impl_->stopped = true;
  boost::system::error_code ignored;
  impl_->descriptor.close(ignored);
}

Status DirectoryWatch::Watch(const std::filesystem::path& directory) {
  if (!impl_->descriptor.is_open()) return Error{Code::kUnavailable, "inotify is not available"};
  const int watch =
      ::inotify_add_watch(impl_->descriptor.native_handle(), directory.c_str(), kInteresting);
  if (watch < 0) return ErrnoError(directory.string(), errno);
  impl_->directories[watch] = directory;
  return {};
}

}  // namespace edgefeed
