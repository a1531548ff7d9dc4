#include "collector/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <string>
#include <string_view>

namespace edgefeed {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Status Check(std::string_view key, const error_code& error) {
  if (!error) return {};
  return Error{Code::kInvalidArgument, "http.tls." + std::string(key) + ": " + error.message()};
}

// Tells clients whose certificates are wanted.
void NameAuthorities(ssl::context& context, const std::string& pem) {
  BIO* const text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  while (X509* const authority = PEM_read_bio_X509(text, nullptr, nullptr, nullptr)) {
    SSL_CTX_add_client_CA(context.native_handle(), authority);
    X509_free(authority);
  }
  BIO_free(text);
  ERR_clear_error();  // The end of the text is one.
}

Status AskForCertificates(ssl::context& context, const std::string& ca, ClientProof proof) {
  error_code error;
  context.add_certificate_authority(boost::asio::buffer(ca), error);
  if (error) return Check("client_ca", error);
  const bool is_required = proof == ClientProof::kCertificate;
  context.set_verify_mode(
      is_required ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert : ssl::verify_peer, error);
  NameAuthorities(context, ca);
  return Check("client_ca", error);
}

Status LoadOwn(ssl::context& context, const TlsPem& pem) {
  error_code error;
  context.use_certificate_chain(boost::asio::buffer(pem.cert), error);
  if (error) return Check("cert", error);
  // Without this, OpenSSL asks the terminal for the key's passphrase.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                error);
  context.use_private_key(boost::asio::buffer(pem.key), ssl::context::pem, error);
  return Check("key", error);
}

}  // namespace

Result<std::shared_ptr<ssl::context>> MakeServerTls(const TlsPem& pem, ClientProof proof) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // Sessions are not resumed: a client shows its certificate on every connection.
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_TICKET);
  if (const auto status = LoadOwn(*context, pem); !status) return status.error();
  if (!pem.ca.empty()) {
    const auto status = AskForCertificates(*context, pem.ca, proof);
    if (!status) return status.error();
  }
  return context;
}

std::string ClientCertificate(const SSL* connection) {
  X509* const certificate = SSL_get1_peer_certificate(connection);
  if (certificate == nullptr) return {};
  BIO* const text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(text, certificate);
  X509_free(certificate);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(text, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(text);
  return pem;
}

}  // namespace edgefeed
