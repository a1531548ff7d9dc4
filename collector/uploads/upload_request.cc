#include "collector/uploads/upload_request.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "collector/uploads/upload_store.h"
#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxUploadId = 64;
constexpr std::size_t kMaxDevice = 255;
constexpr std::size_t kMaxDescriptionBytes = std::size_t{2} << 20;

bool IsUploadId(std::string_view id) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= kMaxUploadId && std::ranges::all_of(id, allowed);
}

bool IsDevice(std::string_view name) {
  const auto control = [](unsigned char c) { return std::iscntrl(c) != 0; };
  return name.size() <= kMaxDevice && std::ranges::none_of(name, control);
}

Status Invalid(std::string what) { return Error{Code::kInvalidArgument, std::move(what)}; }

}  // namespace

Status CheckUploadRequest(const UploadRequest& request) {
  if (!IsDevice(request.device)) return Invalid("service_name: no name of a device");
  if (!IsUploadId(request.upload_id)) return Invalid("upload_id: not 1-64 of A-Z a-z 0-9 _ -");
  if (Status name = CheckUploadName(request.filename); !name) return name;
  const bool bytes_come = request.size_bytes > 0 || !request.dump;
  if (bytes_come && !DigestFrom(request.sha256)) return Invalid("sha256: not 32 bytes");
  if (request.dump && request.dump->size() > kMaxDescriptionBytes) {
    return Invalid("dump: larger than " + std::to_string(kMaxDescriptionBytes) + " bytes");
  }
  if (request.dump && request.device.empty()) return Invalid("service_name: a dump needs one");
  return {};
}

BegunUpload ToUpload(const UploadRequest& request) {
  BegunUpload upload;
  upload.device = request.device;
  upload.upload_id = request.upload_id;
  upload.filename = request.filename;
  upload.size_bytes = request.size_bytes;
  upload.sha256 = DigestFrom(request.sha256).value_or(Sha256Digest{});
  upload.is_dump = request.dump.has_value();
  return upload;
}

}  // namespace edgefeed
