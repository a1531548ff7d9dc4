#pragma once

#include <optional>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/tls.h"
#include "ctl/config.h"
#include "ctl/options.h"
#include "ctl/preferences.h"

namespace edgefeed {

// Which collector to talk to, and how.
struct Target {
  Endpoint collector{.host = "localhost", .port = 50051};
  std::optional<TlsFiles> tls;  // Nothing: plaintext.
  std::string token;            // Empty: none.
};

// The options over the environment over the configuration file. Refuses plaintext to another host
// unless it was allowed; a token is never sent in plaintext to another host.
Result<Target> ResolveTarget(const CtlOptions& options, const Preferences& preferences,
                             const CtlConfig& config);

// The file that was named, or the first default one that exists, or an empty configuration.
Result<CtlConfig> FindConfig(const CtlOptions& options, const Preferences& preferences,
                             const Environment& environment);

}  // namespace edgefeed
