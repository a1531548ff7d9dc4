#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/tokens/token_list.h"

// The file of operators' tokens:
//   tokens:
//     - {name: kim, role: operator, sha256: 9f86…0a08, expires: 2027-02-26T10:00:00Z}
namespace edgefeed {

// An empty file has no tokens. INVALID_ARGUMENT has one line for each thing that is wrong, with its
// place; a digest is never repeated in it.
Result<std::vector<AccessToken>> ReadTokenFile(const std::filesystem::path& file);

// The text of a file with these.
std::string TokenFileText(const std::vector<AccessToken>& tokens);

// Replaces the file as a whole, readable for its owner and group. A file that was there keeps its
// group.
Status WriteTokenFile(const std::filesystem::path& file, const std::vector<AccessToken>& tokens);

}  // namespace edgefeed
