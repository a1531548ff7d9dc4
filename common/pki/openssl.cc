#include "common/pki/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <cctype>
#include <ctime>

namespace edgefeed::openssl {
namespace {

void FreeText(char* text) { OPENSSL_free(text); }

}  // namespace

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

int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return -1; }

X509Certificate ReadCertificate(BIO* pem) {
  return X509Certificate(PEM_read_bio_X509(pem, nullptr, NoPassphrase, nullptr));
}

Bio OpenToWrite() { return Bio(BIO_new(BIO_s_mem())); }

std::string Written(BIO* bio) {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

Time MakeTime(WallTime time) {
  // Counted from 1970 by OpenSSL itself: a time_t of 32 bits ends in 2038.
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto of_day = std::chrono::floor<std::chrono::seconds>(time - day);
  return Time(ASN1_TIME_adj(nullptr, 0, static_cast<int>(day.time_since_epoch().count()),
                            static_cast<long>(of_day.count())));
}

std::optional<WallTime> TimeOf(const ASN1_TIME* time) {
  std::tm date{};
  if (ASN1_TIME_to_tm(time, &date) != 1) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(date.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(date.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(date.tm_mday)));
  return std::chrono::sys_days(day) + std::chrono::hours(date.tm_hour) +
         std::chrono::minutes(date.tm_min) + std::chrono::seconds(date.tm_sec);
}

Integer MakeInteger(BIGNUM* number) { return Integer(BN_to_ASN1_INTEGER(number, nullptr)); }

Integer SerialFromHex(const std::string& digits) {
  BIGNUM* parsed = nullptr;
  const int used = BN_hex2bn(&parsed, digits.c_str());
  const BigNumber number(parsed);
  if (used == 0 || static_cast<std::size_t>(used) != digits.size()) return nullptr;
  return MakeInteger(number.get());
}

std::string SerialText(const ASN1_INTEGER* serial) {
  const BigNumber number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) return {};
  const std::unique_ptr<char, Freer<FreeText>> digits(BN_bn2hex(number.get()));
  std::string text(digits ? digits.get() : "");
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace edgefeed::openssl
