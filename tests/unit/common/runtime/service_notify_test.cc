#include "common/runtime/service_notify.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

// Stands for systemd; `name` is what $NOTIFY_SOCKET says, '@' for the abstract namespace.
class ServiceManager {
 public:
  explicit ServiceManager(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~ServiceManager() { ::unsetenv("NOTIFY_SOCKET"); }
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // What was sent already; "nothing" if nothing was.
  [[nodiscard]] std::string Heard() const {
    char text[256];
    const ssize_t n = ::recv(fd_.get(), text, sizeof text, MSG_DONTWAIT);
    return n < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(n));
  }

 private:
  UniqueFd fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_CASE("the service manager hears each state as one datagram") {
  const TempDir dir;
  const ServiceManager manager((dir.path() / "notify").string());

  NotifyService("READY=1");
  NotifyService("STATUS=2 devices");

  CHECK(manager.Heard() == "READY=1");
  CHECK(manager.Heard() == "STATUS=2 devices");
  CHECK(manager.Heard() == "nothing");
}

TEST_CASE("a socket in the abstract namespace is reached too") {
  const ServiceManager manager("@edgefeed-test-" + std::to_string(::getpid()));
  NotifyService("STOPPING=1");
  CHECK(manager.Heard() == "STOPPING=1");
}

TEST_CASE("without a service manager, or with a broken one, nothing happens") {
  ::unsetenv("NOTIFY_SOCKET");
  NotifyService("READY=1");
  for (const std::string& name :
       {std::string(), std::string("/"), std::string("/nobody/listens"), std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    NotifyService("READY=1");
  }
  ::unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace edgefeed
