#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

// The files beside the dumps: FORMAT.md says why.
namespace edgefeed {

// Lines of text, and bytes that are whatever they are.
struct FramedFile {
  std::string head;
  std::string body;
};

// `magic` is 8 characters that say what kind of file it is.
std::string Frame(std::string_view magic, const FramedFile& file);
// DATA_LOSS when these are not the bytes of such a file, whole and unchanged; UNIMPLEMENTED when a
// newer program wrote them.
Result<FramedFile> Unframe(std::string_view magic, std::string_view bytes);

// Lower case hexadecimal digits back into bytes; nothing when it is not that.
std::string BytesFromHex(std::string_view hex);

}  // namespace edgefeed
