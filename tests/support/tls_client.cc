#include "tests/support/tls_client.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <csignal>
#include <string_view>

namespace edgefeed {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Chain = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

constexpr std::string_view kHttp2("\x02h2", 3);
constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

Context ContextFor(const TlsVisitor& visitor) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (visitor.version != 0) {
    SSL_CTX_set_min_proto_version(context.get(), visitor.version);
    SSL_CTX_set_max_proto_version(context.get(), visitor.version);
    SSL_CTX_set_security_level(context.get(), 0);  // Or it would offer no TLS 1.1 at all.
  }
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(kHttp2.data()),
                          kHttp2.size());
  if (!visitor.files.cert.empty()) {
    REQUIRE(SSL_CTX_use_certificate_chain_file(context.get(), visitor.files.cert.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context.get(), visitor.files.key.c_str(),
                                        SSL_FILETYPE_PEM) == 1);
  }
  return context;
}

void Describe(X509* certificate, TlsVisit& visit) {
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            name.size());
  visit.common_name = name.data();
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* const hex = BN_bn2hex(number.get());
  visit.serial = hex;
  OPENSSL_free(hex);
}

}  // namespace

std::optional<TlsVisit> Visit(std::uint16_t port, const TlsVisitor& visitor) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to who has hung up.
  const Context context = ContextFor(visitor);
  const Chain chain(BIO_new_ssl_connect(context.get()));
  SSL* ssl = nullptr;
  BIO_get_ssl(chain.get(), &ssl);
  BIO_set_conn_hostname(chain.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  if (visitor.session) SSL_set_session(ssl, visitor.session.get());
  std::array<char, 64> reply{};
  const bool answered = BIO_do_connect(chain.get()) == 1 && BIO_do_handshake(chain.get()) == 1 &&
                        BIO_write(chain.get(), kPreface.data(), kPreface.size()) > 0 &&
                        BIO_read(chain.get(), reply.data(), reply.size()) > 0;
  ERR_clear_error();
  if (!answered) return std::nullopt;
  TlsVisit visit{.version = SSL_get_version(ssl), .resumed = SSL_session_reused(ssl) == 1};
  const Certificate certificate(SSL_get1_peer_certificate(ssl));
  Describe(certificate.get(), visit);
  visit.session = {SSL_get1_session(ssl), SSL_SESSION_free};
  return visit;
}

}  // namespace edgefeed
