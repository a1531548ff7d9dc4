#include "common/config/environment.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace edgefeed {
namespace {

std::optional<std::string> HostName() {
  std::array<char, 256> name{};  // HOST_NAME_MAX is 64; the last byte stays 0.
  if (::gethostname(name.data(), name.size() - 1) != 0) return std::nullopt;
  return std::string(name.data());
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets.
    if (name == "HOSTNAME" && (value == nullptr || *value == '\0')) return HostName();
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

}  // namespace edgefeed
