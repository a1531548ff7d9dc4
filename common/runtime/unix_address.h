#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>

#include "common/base/result.h"

namespace edgefeed {

// A socket in the file system, as the system calls want it.
struct UnixAddress {
  sockaddr_un address{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

inline Result<UnixAddress> MakeUnixAddress(const std::filesystem::path& path) {
  const std::string& name = path.native();
  UnixAddress made;
  if (name.size() >= sizeof(made.address.sun_path)) return ErrnoError(name, ENAMETOOLONG);
  made.address.sun_family = AF_UNIX;
  std::memcpy(made.address.sun_path, name.data(), name.size());
  made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
  return made;
}

}  // namespace edgefeed
