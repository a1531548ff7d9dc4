#include "common/digest/enrol_token.h"

#include "common/digest/digest_text.h"

namespace edgefeed {
namespace {

constexpr std::string_view kPrefix = "edgefeed_enrol_";
constexpr std::size_t kDigestDigits = 2 * std::tuple_size_v<Sha256Digest>;
constexpr std::size_t kSize =
    kPrefix.size() + EnrolToken::kIdDigits + 1 + EnrolToken::kSecretDigits + 1 + kDigestDigits;

bool HasDigits(std::string_view text, std::size_t count) {
  return text.size() == count &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error NoToken(const std::string& why) {
  return {Code::kInvalidArgument,
          "this is no enrolment token: " + why + "; `edgefeedctl ca enrol-token` prints one"};
}

}  // namespace

bool IsEnrolTokenId(std::string_view text) { return HasDigits(text, EnrolToken::kIdDigits); }

std::string ToString(const EnrolToken& token) {
  return std::string(kPrefix) + token.id + "_" + token.secret + "_" + ToString(token.authority);
}

Result<EnrolToken> ParseEnrolToken(std::string_view text) {
  if (!text.starts_with(kPrefix)) return NoToken("it does not begin with edgefeed_enrol_");
  if (text.size() != kSize) {
    return NoToken("it has " + std::to_string(text.size()) + " characters of " +
                   std::to_string(kSize));
  }
  text.remove_prefix(kPrefix.size());
  const auto id = text.substr(0, EnrolToken::kIdDigits);
  const auto secret = text.substr(id.size() + 1, EnrolToken::kSecretDigits);
  const auto digest = text.substr(id.size() + secret.size() + 2);
  const bool is_good = HasDigits(id, EnrolToken::kIdDigits) && text[id.size()] == '_' &&
                       HasDigits(secret, EnrolToken::kSecretDigits) &&
                       text[id.size() + 1 + secret.size()] == '_' &&
                       HasDigits(digest, kDigestDigits);
  if (!is_good) return NoToken("a part of it is not of hexadecimal digits in lower case");
  EnrolToken token{.id = std::string(id), .secret = std::string(secret)};
  token.authority = *ParseSha256(digest);
  return token;
}

}  // namespace edgefeed
