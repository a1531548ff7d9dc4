#include "collector/http/tls_context.h"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <string_view>

namespace edgefeed {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Status Check(std::string_view key, const std::filesystem::path& file, const error_code& error) {
  if (!error) return {};
  return Error{Code::kInvalidArgument,
               "http.tls." + std::string(key) + " " + file.string() + ": " + error.message()};
}

Status RequireClientCertificates(ssl::context& context, const std::filesystem::path& ca) {
  error_code error;
  context.load_verify_file(ca.string(), error);
  if (error) return Check("ca", ca, error);
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  // Tells clients whose certificates are wanted; the context owns the list.
  SSL_CTX_set_client_CA_list(context.native_handle(), SSL_load_client_CA_file(ca.c_str()));
  return Check("ca", ca, error);
}

Status LoadOwn(ssl::context& context, const TlsFiles& files) {
  error_code error;
  context.use_certificate_chain_file(files.cert.string(), error);
  if (error) return Check("cert", files.cert, error);
  // Without this, OpenSSL asks the terminal for the key's passphrase.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                error);
  context.use_private_key_file(files.key.string(), ssl::context::pem, error);
  return Check("key", files.key, error);
}

}  // namespace

Result<std::shared_ptr<ssl::context>> LoadServerTls(const TlsFiles& files) {
  if (files.cert.empty() || files.key.empty()) {
    return Error{Code::kInvalidArgument, "http.tls: cert and key are both needed"};
  }
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // Sessions are not resumed: a client shows its certificate on every connection.
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_TICKET);
  if (const auto status = LoadOwn(*context, files); !status) return status.error();
  if (!files.ca.empty()) {
    const auto status = RequireClientCertificates(*context, files.ca);
    if (!status) return status.error();
  }
  return context;
}

}  // namespace edgefeed
