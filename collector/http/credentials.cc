#include "collector/http/credentials.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/text.h"

namespace edgefeed {
namespace {

constexpr std::string_view kBearer = "Bearer ";

// `lower` is in lower case. The scheme's case means nothing (RFC 9110, 11.1).
bool IsScheme(std::string_view scheme, std::string_view lower) {
  return std::ranges::equal(scheme, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string decoded(text.size() / 4 * 3 + 1, '\0');
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast)
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  if (size <= 0) return std::nullopt;
  // OpenSSL takes the padding for zeros.
  std::size_t padding = text.ends_with('=') ? 1 : 0;
  if (text.ends_with("==")) padding = 2;
  decoded.resize(static_cast<std::size_t>(size) - padding);
  return decoded;
}

// Of "USER:PASSWORD" in Base64.
std::optional<std::string> PasswordOf(std::string_view encoded) {
  auto pair = FromBase64(encoded);
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return pair->substr(colon + 1);
}

std::string AsBearer(std::string_view header) {
  const auto end = std::min(header.find(' '), header.size());
  const std::string_view scheme = header.substr(0, end);
  const std::string_view value = Trim(header.substr(end));
  if (IsScheme(scheme, "bearer")) return std::string(kBearer).append(value);
  if (IsScheme(scheme, "basic")) {
    if (const auto password = PasswordOf(value)) return std::string(kBearer).append(*password);
  }
  return std::string(header);
}

}  // namespace

Credentials ShownBy(const HttpRequest& request) {
  return {.certificate = request.certificate, .authorization = AsBearer(request.authorization)};
}

}  // namespace edgefeed
