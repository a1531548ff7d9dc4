#include "common/pki/openssl_ptr.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <cctype>
#include <ctime>

namespace edgefeed {
namespace {

void FreeText(char* text) { OPENSSL_free(text); }

}  // namespace

OpensslPtr<BIO, BIO_free> OpenPem(const std::string& pem) {
  return OpensslPtr<BIO, BIO_free>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

OpensslPtr<X509, X509_free> ReadX509(BIO& pem) {
  return OpensslPtr<X509, X509_free>(PEM_read_bio_X509(&pem, nullptr, nullptr, nullptr));
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

std::string SerialText(const ASN1_INTEGER* serial) {
  const OpensslPtr<BIGNUM, BN_free> number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) return {};
  const OpensslPtr<char, FreeText> digits(BN_bn2hex(number.get()));
  std::string text(digits ? digits.get() : "");
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace edgefeed
