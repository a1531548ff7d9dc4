#pragma once

#include <filesystem>
#include <string>

#include "common/model/tls.h"

namespace edgefeed {

// Makes NAME.pem (self-signed) and NAME.key in the directory, with the openssl command.
TlsFiles MakeCertificate(const std::filesystem::path& directory, const std::string& name);

// Runs `openssl arguments`, whose paths are below `directory`. Fails the test when it fails.
void RunOpenssl(const std::filesystem::path& directory, const std::string& arguments);

}  // namespace edgefeed
