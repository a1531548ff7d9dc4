#pragma once

#include <grpcpp/security/credentials.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/model/tls.h"
#include "common/rpc/credentials.h"

// What bench-certificates leaves in a directory: ca.pem, collector.pem, viewer.pem and NAME.pem of
// each device, all for the key in key.pem. One key, because a thousand would say nothing more.
namespace edgefeed::bench {

// 00042
std::string FiveDigits(std::size_t number);

// Of NAME.pem; "viewer" is a person's.
TlsFiles FilesOf(const std::filesystem::path& directory, const std::string& name);
Result<std::shared_ptr<grpc::ChannelCredentials>> DeviceCredentials(
    const std::filesystem::path& directory, const std::string& name);

}  // namespace edgefeed::bench
