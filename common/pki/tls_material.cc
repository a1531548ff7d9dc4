#include "common/pki/tls_material.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/file.h"

namespace edgefeed {
namespace {

// What users who are neither the owner nor in the group could do with a key.
constexpr mode_t kOthers = 07;

Error Bad(const std::filesystem::path& file, const std::string& why) {
  return {Code::kInvalidArgument, file.string() + ": " + why};
}

Result<std::string> ReadText(const std::filesystem::path& file) {
  auto text = ReadSmallFile(file);
  if (text && text->empty()) return Bad(file, "is empty");
  return text;
}

Result<std::string> ReadKey(const std::filesystem::path& file) {
  if (const Status is_private = CheckKeyIsPrivate(file); !is_private) return is_private.error();
  return ReadText(file);
}

// How many certificates the text says it holds, under any of the names that OpenSSL reads.
std::size_t CountCertificates(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "CERTIFICATE-----";
  std::size_t count = 0;
  for (auto at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + 1)) {
    const std::string_view line = pem.substr(at, pem.find_first_of("\r\n", at) - at);
    if (line.ends_with(kEnd)) ++count;
  }
  return count;
}

// A file that is being written, or was not written to its end, may hold good certificates at its
// beginning.
Result<std::vector<CertificateLife>> ReadLives(const std::filesystem::path& file,
                                               const std::string& pem) {
  auto lives = CertificateLives(pem);
  const std::size_t claimed = CountCertificates(pem);
  if (lives.size() < claimed) {
    return Bad(file, "certificate " + std::to_string(lives.size() + 1) + " of " +
                         std::to_string(claimed) + " is cut short or damaged");
  }
  if (lives.empty()) return Bad(file, "holds no PEM certificate");
  return lives;
}

}  // namespace

Result<TlsMaterial> ReadTlsMaterial(const TlsFiles& files) {
  TlsMaterial material;
  if (!files.ca.empty()) {
    auto ca = ReadText(files.ca);
    if (!ca) return ca.error();
    const auto lives = ReadLives(files.ca, *ca);
    if (!lives) return lives.error();
    material.ca = std::ranges::max(*lives, {}, &CertificateLife::not_after);
    material.pem.ca = *std::move(ca);
  }
  if (!files.cert.empty()) {
    auto cert = ReadText(files.cert);
    if (!cert) return cert.error();
    const auto lives = ReadLives(files.cert, *cert);
    if (!lives) return lives.error();
    auto key = ReadKey(files.key);
    if (!key) return key.error();
    if (const Status pair = CheckKeyPair(files, *cert, *key); !pair) return pair.error();
    material.own = std::ranges::min(*lives, {}, &CertificateLife::not_after);
    material.pem.cert = *std::move(cert);
    material.pem.key = *std::move(key);
  }
  return material;
}

Status CheckKeyIsPrivate(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & kOthers) == 0) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
  return Error{
      Code::kPermissionDenied,
      file.string() + ": its mode " + mode.data() +
          " lets every user of this machine at the private key; chmod o= " + file.string()};
}

Status CheckInTime(const TlsFiles& files, const TlsMaterial& material, WallTime now) {
  if (material.own && material.own->not_after <= now) return Bad(files.cert, "has expired");
  if (material.own && material.own->not_before > now) {
    return Bad(files.cert, "is not good yet; is the clock right?");
  }
  // Of several authorities an older one may be good already.
  if (material.ca && material.ca->not_after <= now) return Bad(files.ca, "has expired");
  return {};
}

}  // namespace edgefeed
