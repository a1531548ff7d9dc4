#pragma once

#include "common/model/upload.h"

namespace fileupload {
class UploadResponse;
}  // namespace fileupload

namespace edgefeed {

UploadReport FromWire(const fileupload::UploadResponse& wire);

}  // namespace edgefeed
