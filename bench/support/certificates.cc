#include "bench/support/certificates.h"

#include <algorithm>

namespace edgefeed::bench {

std::string FiveDigits(std::size_t number) {
  constexpr std::size_t kDigits = 5;
  const auto digits = std::to_string(number);
  return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

TlsFiles FilesOf(const std::filesystem::path& directory, const std::string& name) {
  return {.ca = directory / "ca.pem",
          .cert = directory / (name + ".pem"),
          .key = directory / "key.pem"};
}

Result<std::shared_ptr<grpc::ChannelCredentials>> DeviceCredentials(
    const std::filesystem::path& directory, const std::string& name) {
  return ClientCredentials(FilesOf(directory, name));
}

}  // namespace edgefeed::bench
