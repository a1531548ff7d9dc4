#pragma once

#include <filesystem>
#include <optional>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/config/environment.h"
#include "common/model/tls.h"

namespace edgefeed {

// ctl.yaml
struct CtlConfig {
  std::optional<Endpoint> collector;
  TlsFiles tls;
  std::filesystem::path token;  // A file; empty: none.
  bool allow_plaintext = false;
};

// Everything wrong with the file is in the error, a line each, with its place.
Result<CtlConfig> LoadCtlConfig(const std::filesystem::path& file, const Environment& environment);

}  // namespace edgefeed
