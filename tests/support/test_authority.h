#pragma once

#include <filesystem>
#include <string>

#include "common/model/tls.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {

// A certificate authority of the openssl command, with all of its files in a directory of its own.
class TestAuthority {
 public:
  TestAuthority();

  // NAME.pem and NAME.key; `names`: its subject alternative names, as openssl writes them
  // ("URI:edgefeed://device/a"). What comes back believes this authority.
  [[nodiscard]] TlsFiles Issue(const std::string& name, const std::string& names) const;
  // Adds it to crl.pem.
  void Revoke(const std::string& name) const;
  // Writes crl.pem, with all that has been revoked.
  void WriteCrl() const;

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return directory_.path() / name;
  }

 private:
  TempDir directory_;
};

}  // namespace edgefeed
