#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/ca/party.h"

namespace edgefeed {

struct IssuedCertificate {
  std::string serial;  // Hexadecimal digits.
  Party party;
  WallTime issued;
  WallTime not_after;
  std::optional<WallTime> revoked;
  [[nodiscard]] bool IsGood(WallTime now) const { return !revoked && now < not_after; }
};

// What an authority has done: the lines of its index, see FORMAT.md.
struct CaIndex {
  std::vector<IssuedCertificate> certificates;  // As they were issued.
  std::size_t lines = 0;                        // Without the first one.
  std::size_t last_revoked_line = 0;            // Counted as `lines`; 0: none.
  std::size_t whole_bytes = 0;                  // What follows was not written to its end.
};

constexpr std::string_view kCaIndexHeader = "edgefeed-ca 1\n";

// A line that has no end was cut short by a crash, and is not one. Errors name file and line.
Result<CaIndex> ParseCaIndex(std::string_view file, std::string_view text);

// Lines, with their ends. Times have whole seconds there.
std::string IssuedLine(const IssuedCertificate& certificate);
std::string RevokedLine(const std::string& serial, WallTime now);

// The certificates that `which` means: a serial number, KIND/NAME, or a NAME that only one kind
// has. At least one; NOT_FOUND and INVALID_ARGUMENT say why not.
Result<std::vector<IssuedCertificate>> FindIssued(const CaIndex& index, std::string_view which);

}  // namespace edgefeed
