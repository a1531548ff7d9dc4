#include "tests/support/test_certificates.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace edgefeed {

TlsFiles MakeCertificate(const std::filesystem::path& directory, const std::string& name) {
  RunOpenssl(directory,
             "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
             " -subj /CN=" +
                 name + " -keyout " + name + ".key -out " + name + ".pem");
  return {.ca = {}, .cert = directory / (name + ".pem"), .key = directory / (name + ".key")};
}

void RunOpenssl(const std::filesystem::path& directory, const std::string& arguments) {
  const std::string command =
      "cd '" + directory.string() + "' && openssl " + arguments + " 2>openssl.log";
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

}  // namespace edgefeed
