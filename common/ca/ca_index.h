#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/ca/party.h"
#include "common/digest/enrol_token.h"

namespace edgefeed {

struct IssuedCertificate {
  std::string serial;  // Hexadecimal digits.
  Party party;
  WallTime issued;
  WallTime not_after;
  std::optional<WallTime> revoked;
  [[nodiscard]] bool IsGood(WallTime now) const { return !revoked && now < not_after; }
};

// With what a board may enrol, once.
struct IssuedToken {
  std::string id;         // As in EnrolToken.
  Sha256Digest secret{};  // Of its digits.
  std::string device;
  WallTime made;
  WallTime expires;
  std::optional<WallTime> ended;  // Somebody took it back.
  std::string serial;             // Of the certificate that it was used for; empty: unused.
  Sha256Digest key{};             // Of that certificate's public key in DER.
  [[nodiscard]] bool IsUnused(WallTime now) const {
    return serial.empty() && !ended && now < expires;
  }
};

// What an authority has done: the lines of its index, see FORMAT.md.
struct CaIndex {
  std::vector<IssuedCertificate> certificates;  // As they were issued.
  std::vector<IssuedToken> tokens;              // As they were made.
  std::size_t lines = 0;                        // Without the first one.
  std::size_t last_revoked_line = 0;            // Counted as `lines`; 0: none.
  std::size_t whole_bytes = 0;                  // What follows was not written to its end.
};

constexpr std::string_view kCaIndexHeader = "edgefeed-ca 1\n";
// About 600,000 certificates: those of ten thousand devices that renew every 60 days for ten years.
constexpr std::size_t kMaxCaIndexBytes = std::size_t{64} << 20;

// A line that has no end was cut short by a crash, and is not one. Errors name file and line.
Result<CaIndex> ParseCaIndex(std::string_view file, std::string_view text);

// Lines, with their ends. Times have whole seconds there.
std::string IssuedLine(const IssuedCertificate& certificate);
std::string RevokedLine(const std::string& serial, WallTime now);
std::string TokenLine(const IssuedToken& token);
std::string EndedLine(const std::string& token_id, WallTime now);
// Of a certificate that was issued for this token: it is used from then on.
std::string EnrolledLine(const IssuedCertificate& certificate, const std::string& token_id,
                         const Sha256Digest& key);

// The certificates that `which` means: a serial number, KIND/NAME, or a NAME that only one kind
// has. At least one; NOT_FOUND and INVALID_ARGUMENT say why not.
Result<std::vector<IssuedCertificate>> FindIssued(const CaIndex& index, std::string_view which);

}  // namespace edgefeed
