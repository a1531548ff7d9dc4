#pragma once

#include <span>

#include "collector/remote/remote_config.h"
#include "collector/remote/remote_delivery.h"
#include "common/base/result.h"
#include "common/http/http_client.h"

namespace edgefeed {

// The request that writes these values to the store. An error when a file with a secret cannot be
// read.
Result<HttpClient::Request> MakeRemoteRequest(const RemoteWriteConfig& config,
                                              std::span<const RemoteValue> values);

}  // namespace edgefeed
