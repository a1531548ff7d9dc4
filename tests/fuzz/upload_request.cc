// collector/uploads: how an upload is begun. Parts: device, id, file name, digest, and then the
// description of a dump. What is accepted cannot lead out of the directory.
#include "collector/uploads/upload_request.h"

#include <algorithm>
#include <filesystem>

#include "collector/uploads/upload_store.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void Run(FuzzInput input) {
  UploadRequest request;
  request.device = input.Part();
  request.upload_id = input.Part();
  request.filename = input.Part();
  request.sha256 = input.Part();
  request.size_bytes = input.Number64();
  if (!input.empty()) request.dump = std::string(input.rest());
  if (!CheckUploadRequest(request)) return;
  const BegunUpload upload = ToUpload(request);
  const std::filesystem::path name(upload.filename);
  Promise(name == name.filename() && name != ".." && name != ".", "a file's name is plain");
  Promise(upload.filename.find('\0') == std::string::npos, "a file's name is whole");
  const std::filesystem::path id(upload.upload_id);
  Promise(id == id.filename() && id != ".." && id != ".", "an upload's id is plain");
  Promise(std::ranges::none_of(upload.device, [](char c) { return c >= 0 && c < ' '; }),
          "a device's name can be logged");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run({data, size});
  return 0;
}
