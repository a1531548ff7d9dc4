#include "tests/support/test_authority.h"

#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

constexpr const char* kConfig =
    "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ncrlnumber = crlnumber\n"
    "default_md = sha256\ndefault_crl_days = 2\ncertificate = ca.pem\nprivate_key = ca.key\n";

}  // namespace

TestAuthority::TestAuthority() {
  static_cast<void>(MakeCertificate(directory_.path(), "ca"));
  static_cast<void>(directory_.Write("ca.cnf", kConfig));
  static_cast<void>(directory_.Write("index.txt", ""));
  static_cast<void>(directory_.Write("crlnumber", "01\n"));
}

TlsFiles TestAuthority::Issue(const std::string& name, const std::string& names) const {
  RunOpenssl(directory_.path(),
             "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name +
                 " -keyout " + name + ".key -out " + name + ".csr");
  static_cast<void>(directory_.Write(name + ".ext", "subjectAltName=" + names + "\n"));
  RunOpenssl(directory_.path(), "x509 -req -in " + name +
                                    ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
                                    " -extfile " +
                                    name + ".ext -out " + name + ".pem");
  return {.ca = file("ca.pem"), .cert = file(name + ".pem"), .key = file(name + ".key")};
}

void TestAuthority::Revoke(const std::string& name) const {
  RunOpenssl(directory_.path(), "ca -config ca.cnf -revoke " + name + ".pem");
  WriteCrl();
}

void TestAuthority::WriteCrl() const {
  RunOpenssl(directory_.path(), "ca -config ca.cnf -gencrl -out crl.pem");
}

}  // namespace edgefeed
