#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/ca/ca_directory.h"
#include "common/digest/enrol_token.h"
#include "common/pki/key.h"

// Boards that ask for their certificate themselves: with a token the first time, then with the
// certificate that they have.
namespace edgefeed {

// How long certificates last unless somebody says otherwise.
constexpr std::chrono::hours kCertificateLasts{90 * 24};

// Why a board gets no certificate.
enum class EnrolRefusal {
  kFailed,          // Nothing that the board could mend: the disk, the CA.
  kRequest,         // What it sends is no token, or no request for a key that is taken.
  kToken,           // There is no such token, or its secret is another.
  kExpired,         // Its time is over, or somebody ended it; or the certificate's is.
  kTokenUsed,       // By another key.
  kName,            // The board, or its certificate, has another name.
  kRevoked,         // Its certificate is.
  kHasCertificate,  // Its name has a good one already, or too many.
  kTooMany,         // It was wrong too often, or too many ask at once.
};

struct EnrolDenial {
  EnrolRefusal reason = EnrolRefusal::kFailed;
  Error error;  // For the board.
};

// What a board gets.
struct Enrolled {
  std::string device;
  std::string serial;
  std::string certificate_pem;
  WallTime not_after;
  bool again = false;  // It was issued before; the answer may have been lost.
};

using EnrolOutcome = std::variant<Enrolled, EnrolDenial>;

// A token with which `device` can enrol once, until `expires`. An unused one of the same device
// ends. A device that has a good certificate gets none: FAILED_PRECONDITION. On return it is on
// stable storage; its secret is nowhere but in what comes back.
Result<EnrolToken> MakeEnrolToken(CaDirectory& authority, const std::string& device, WallTime now,
                                  WallTime expires);

// Ends the unused tokens that `which` means: an id, a device's name or device/NAME. None: there are
// no such.
Result<std::vector<IssuedToken>> EndEnrolTokens(CaDirectory& authority, std::string_view which,
                                                WallTime now);

// A certificate for `key`, whose private half its sender has shown to have. On return the token is
// used, on stable storage: killed at any step before, it is as if nobody had asked. The same key
// with the same token, until it expires, gets the certificate of the first time.
EnrolOutcome Enrol(CaDirectory& authority, const EnrolToken& shown, const std::string& device,
                   const Key& key, WallTime now, WallTime not_after);

// Of one device at once. It may renew more often only if it did not keep what it got.
constexpr std::size_t kMostGoodCertificates = 16;
// For so long the same key gets the certificate that was renewed last, and not another.
constexpr std::chrono::hours kRenewedAgainAfter{24};

// What TLS has verified of who renews.
struct EnrolledCaller {
  std::string serial;              // Of its certificate, as in the index.
  std::vector<std::string> names;  // Of the devices in it.
};

// A new certificate for the device that has the one with this serial number; that one stays good.
EnrolOutcome RenewEnrolled(CaDirectory& authority, const EnrolledCaller& caller, const Key& key,
                           WallTime now, WallTime not_after);

}  // namespace edgefeed
