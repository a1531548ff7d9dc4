#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/uploads/upload_table.h"
#include "common/base/result.h"

namespace edgefeed {

// What a client says when it begins an upload. Nothing of it has been checked.
struct UploadRequest {
  std::string_view device;
  std::string_view upload_id;
  std::string_view filename;
  std::uint64_t size_bytes = 0;
  std::string_view sha256;
  // EncodeDumpInfo() of a crash dump's description.
  std::optional<std::string> dump;
};

// INVALID_ARGUMENT, naming the field that proto/fileupload.proto does not allow.
Status CheckUploadRequest(const UploadRequest& request);

// Precondition: it has been checked.
BegunUpload ToUpload(const UploadRequest& request);

}  // namespace edgefeed
