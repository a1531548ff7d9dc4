#include "collector/notify/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <new>
#include <system_error>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSecret = 4096;

std::string HmacSha256(std::string_view secret, std::string_view text) {
  Sha256Digest digest{};
  unsigned size = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  // OpenSSL fails here only for want of memory.
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(),
             digest.data(), &size) == nullptr) {
    throw std::bad_alloc();
  }
  return ToString(digest);
}

}  // namespace

Result<std::string> ReadSecret(const fs::path& file) {
  std::error_code error;
  const auto permissions = fs::status(file, error).permissions();
  if (error) return ErrnoError(file.string(), error.value());
  if ((permissions & fs::perms::others_all) != fs::perms::none) {
    return Error{Code::kPermissionDenied,
                 file.string() + ": everybody on this host may use it: chmod o= " + file.string()};
  }
  const auto text = ReadSmallFile(file, kMaxSecret);
  if (!text) return text.error();
  const auto secret = Trim(*text);
  if (secret.empty()) return Error{Code::kInvalidArgument, file.string() + ": no secret in it"};
  return std::string(secret);
}

std::string WebhookSignature(std::string_view secret, std::int64_t unix_seconds,
                             std::string_view body) {
  const std::string time = std::to_string(unix_seconds);
  return "t=" + time + ",v1=" + HmacSha256(secret, time + "." + std::string(body));
}

}  // namespace edgefeed
