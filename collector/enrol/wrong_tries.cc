#include "collector/enrol/wrong_tries.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include "common/base/endpoint.h"

namespace edgefeed {

bool WrongTries::Try(SteadyTime now, const std::string& source) {
  return sources_.Of(source).Take(now, kPerSecond, kAtOnce);
}

void WrongTries::WasRight(SteadyTime now, const std::string& source) {
  sources_.Of(source).Owe(now, kPerSecond, kAtOnce, -1);
}

std::string SourceOfPeer(std::string_view address) {
  const auto endpoint = ParseEndpoint(address);
  std::string host = endpoint ? endpoint->host : std::string(address);
  in6_addr network{};
  if (::inet_pton(AF_INET6, host.c_str(), &network) != 1) return host;
  if (IN6_IS_ADDR_V4MAPPED(&network)) return host;
  for (std::size_t i = 8; i < sizeof network.s6_addr; ++i) network.s6_addr[i] = 0;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &network, text.data(), text.size());
  return text.data();
}

}  // namespace edgefeed
