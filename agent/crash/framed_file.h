#pragma once

#include <filesystem>
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

// What a file may hold is written beside it, under this ending, until it is on stable storage.
constexpr std::string_view kUnfinished = ".tmp";

// The file is either as it was or holds these bytes, whatever happens; on return it does so on
// stable storage. After an error nothing is left of the attempt.
Status ReplaceFile(const std::filesystem::path& file, std::string_view bytes);

// Lower case hexadecimal digits back into bytes; nothing when it is not that.
std::string BytesFromHex(std::string_view hex);

}  // namespace edgefeed
