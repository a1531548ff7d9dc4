#include "common/pki/openssl.h"

#include <openssl/err.h>

#include <array>

namespace edgefeed::openssl {

Error Failure(std::string_view what) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  std::array<char, 256> reason{};
  if (code != 0) ERR_error_string_n(code, reason.data(), reason.size());
  return {Code::kInternal, std::string(what) + ": OpenSSL refused" +
                               (code == 0 ? std::string() : ": " + std::string(reason.data()))};
}

Bio Open(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Bio OpenToWrite() { return Bio(BIO_new(BIO_s_mem())); }

std::string Written(BIO* bio) {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

Time MakeTime(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return Time(ASN1_TIME_set(nullptr, seconds.count()));
}

Integer MakeInteger(BIGNUM* number) { return Integer(BN_to_ASN1_INTEGER(number, nullptr)); }

Integer SerialFromHex(const std::string& digits) {
  BIGNUM* parsed = nullptr;
  const int used = BN_hex2bn(&parsed, digits.c_str());
  const BigNumber number(parsed);
  if (used == 0 || static_cast<std::size_t>(used) != digits.size()) return nullptr;
  return MakeInteger(number.get());
}

}  // namespace edgefeed::openssl
