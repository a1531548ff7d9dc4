#pragma once

#include "collector/uploads/upload_answer.h"

namespace fileupload {
class UploadResponse;
}  // namespace fileupload

namespace edgefeed {

// A client ends a call after so many bytes at the latest, so that it learns what is stored.
constexpr std::uint64_t kSegmentBytes = std::uint64_t{16} << 20;

void ToWire(const UploadAnswer& answer, fileupload::UploadResponse& wire);

}  // namespace edgefeed
