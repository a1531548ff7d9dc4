#include "common/ca/enrolment.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "common/base/safe_text.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

Result<std::string> RandomDigits(std::size_t count) {
  std::array<unsigned char, 32> random{};
  if (RAND_priv_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return Error{Code::kInternal, "the system gives no random numbers for a token"};
  }
  return HexText({reinterpret_cast<const char*>(random.data()), random.size()}).substr(0, count);
}

EnrolDenial Denied(EnrolRefusal reason, Code code, std::string why) {
  return {reason, Error{code, std::move(why)}};
}

EnrolDenial Failed(const Error& error) { return {EnrolRefusal::kFailed, error}; }

std::string Quoted(std::string_view text) {
  return "'" + SafeText(std::string(text.substr(0, 128))) + "'";
}

Result<Sha256Digest> DigestOf(const Key& key) {
  const auto der = key.PublicDer();
  if (!der) return der.error();
  return Sha256Of(*der);
}

const IssuedToken* FindToken(const CaIndex& index, const EnrolToken& shown) {
  const auto found = std::ranges::find(index.tokens, shown.id, &IssuedToken::id);
  if (found == index.tokens.end()) return nullptr;
  const Sha256Digest digest = Sha256Of(shown.secret);
  const bool same = CRYPTO_memcmp(found->secret.data(), digest.data(), digest.size()) == 0;
  return same ? &*found : nullptr;
}

const IssuedCertificate* FindCertificate(const CaIndex& index, const std::string& serial) {
  const auto found = std::ranges::find(index.certificates, serial, &IssuedCertificate::serial);
  return found == index.certificates.end() ? nullptr : &*found;
}

// What was issued before, from its file.
EnrolOutcome Again(const CaDirectory& authority, const IssuedCertificate& issued) {
  const auto pem = authority.IssuedPem(issued.serial);
  if (!pem) return Failed(pem.error());
  return Enrolled{.device = issued.party.name,
                  .serial = issued.serial,
                  .certificate_pem = *pem,
                  .not_after = issued.not_after,
                  .again = true};
}

// Whoever has not the secret is told no more than that.
std::optional<EnrolDenial> CheckToken(const IssuedToken* token, const std::string& device,
                                      WallTime now) {
  if (token == nullptr) {
    return Denied(EnrolRefusal::kToken, Code::kUnauthenticated,
                  "this collector's CA has made no such enrolment token");
  }
  const std::string make = ": `edgefeedctl ca enrol-token " + token->device + "` makes another one";
  if (token->device != device) {
    return Denied(EnrolRefusal::kName, Code::kPermissionDenied,
                  "token " + token->id + " is for device " + Quoted(token->device) +
                      ", and this one calls itself " + Quoted(device) +
                      ": set service_name, or make a token for it");
  }
  if (token->ended) {
    return Denied(EnrolRefusal::kExpired, Code::kUnauthenticated,
                  "token " + token->id + " was ended at " + FormatTime(*token->ended) + make);
  }
  if (now >= token->expires) {
    return Denied(EnrolRefusal::kExpired, Code::kUnauthenticated,
                  "token " + token->id + " expired at " + FormatTime(token->expires) + make);
  }
  return std::nullopt;
}

// Somebody may ask again who has not got the answer.
EnrolOutcome AnswerAgain(const CaDirectory& authority, const IssuedToken& token,
                         const Sha256Digest& key) {
  if (token.key != key) {
    return Denied(EnrolRefusal::kTokenUsed, Code::kPermissionDenied,
                  "token " + token.id +
                      " was used already, by another key: if that was not this "
                      "board, `edgefeedctl ca revoke " +
                      token.device + "` now");
  }
  const IssuedCertificate* issued = FindCertificate(authority.index(), token.serial);
  if (issued->revoked) {
    return Denied(EnrolRefusal::kRevoked, Code::kPermissionDenied,
                  "certificate " + issued->serial + " of this token is revoked");
  }
  return Again(authority, *issued);
}

struct Signed {
  IssuedCertificate issued;
  std::string pem;
};

Result<Signed> Sign(const CaDirectory& authority, const Party& party, const Key& key, WallTime now,
                    WallTime not_after) {
  const auto certificate = authority.issuer().Issue(ProfileOf(party), key, now, not_after);
  if (!certificate) return certificate.error();
  const auto pem = certificate->Pem();
  if (!pem) return pem.error();
  return Signed{.issued = {.serial = certificate->Serial(),
                           .party = party,
                           .issued = now,
                           .not_after = certificate->NotAfter(),
                           .revoked = std::nullopt},
                .pem = *pem};
}

Enrolled Fresh(const Signed& made) {
  return {.device = made.issued.party.name,
          .serial = made.issued.serial,
          .certificate_pem = made.pem,
          .not_after = made.issued.not_after,
          .again = false};
}

bool IsOf(const IssuedCertificate& certificate, const Party& party) {
  return certificate.party.kind == party.kind && certificate.party.name == party.name;
}

// Not if its process was killed before its file was written: nobody has it then.
bool WasIssuedFor(const CaDirectory& authority, const std::string& serial,
                  const Sha256Digest& key) {
  const auto pem = authority.IssuedPem(serial);
  if (!pem) return false;
  const auto certificate = Certificate::FromPem(serial, *pem);
  if (!certificate) return false;
  const auto public_key = certificate->PublicKey();
  if (!public_key) return false;
  const auto digest = DigestOf(*public_key);
  return digest && *digest == key;
}

// What this key was renewed to a short while ago, by who still shows the certificate of before.
const IssuedCertificate* LastRenewed(const CaDirectory& authority, const IssuedCertificate& old,
                                     const Sha256Digest& key, WallTime now) {
  for (const IssuedCertificate& one : std::ranges::reverse_view(authority.index().certificates)) {
    if (one.serial == old.serial || now - one.issued >= kRenewedAgainAfter) return nullptr;
    const bool may_be = IsOf(one, old.party) && one.IsGood(now);
    if (may_be && WasIssuedFor(authority, one.serial, key)) return &one;
  }
  return nullptr;
}

std::optional<EnrolDenial> CheckRenewal(const CaIndex& index, const IssuedCertificate* old,
                                        const EnrolledCaller& caller, WallTime now) {
  if (old == nullptr) {
    return Denied(EnrolRefusal::kName, Code::kPermissionDenied,
                  "certificate " + caller.serial + " is not one that this collector's CA issued");
  }
  if (old->party.kind != PartyKind::kDevice ||
      std::ranges::find(caller.names, old->party.name) == caller.names.end()) {
    return Denied(EnrolRefusal::kName, Code::kPermissionDenied,
                  "certificate " + caller.serial + " was issued for " + Describe(old->party) +
                      ": only a device's is renewed here");
  }
  if (old->revoked) {
    return Denied(EnrolRefusal::kRevoked, Code::kUnauthenticated,
                  "certificate " + old->serial + " is revoked");
  }
  if (now >= old->not_after) {
    return Denied(EnrolRefusal::kExpired, Code::kUnauthenticated,
                  "certificate " + old->serial + " expired at " + FormatTime(old->not_after));
  }
  const auto good = static_cast<std::size_t>(std::ranges::count_if(
      index.certificates,
      [&](const IssuedCertificate& one) { return IsOf(one, old->party) && one.IsGood(now); }));
  if (good < kMostGoodCertificates) return std::nullopt;
  return Denied(EnrolRefusal::kHasCertificate, Code::kResourceExhausted,
                Describe(old->party) + " has " + std::to_string(good) +
                    " good certificates, and there are at most " +
                    std::to_string(kMostGoodCertificates) + " of one device");
}

}  // namespace

Result<EnrolToken> MakeEnrolToken(CaDirectory& authority, const std::string& device, WallTime now,
                                  WallTime expires) {
  const auto party = MakeParty(PartyKind::kDevice, {device});
  if (!party) return party.error();
  if (Status first = authority.RefuseSecond(*party, now); !first) return first.error();
  const auto digest = authority.certificate().Sha256();
  if (!digest) return digest.error();
  EnrolToken token{.id = {}, .secret = {}, .authority = *digest};
  do {
    const auto id = RandomDigits(EnrolToken::kIdDigits);
    if (!id) return id.error();
    token.id = *id;
  } while (std::ranges::find(authority.index().tokens, token.id, &IssuedToken::id) !=
           authority.index().tokens.end());
  const auto secret = RandomDigits(EnrolToken::kSecretDigits);
  if (!secret) return secret.error();
  token.secret = *secret;
  std::string lines;
  for (const IssuedToken& one : authority.index().tokens) {
    if (one.device == device && one.IsUnused(now)) lines += EndedLine(one.id, now);
  }
  IssuedToken made;
  made.id = token.id;
  made.secret = Sha256Of(token.secret);
  made.device = device;
  made.made = now;
  made.expires = expires;
  lines += TokenLine(made);
  if (Status done = authority.Append(lines); !done) return done.error();
  return token;
}

Result<std::vector<IssuedToken>> EndEnrolTokens(CaDirectory& authority, std::string_view which,
                                                WallTime now) {
  std::vector<IssuedToken> ended;
  std::string lines;
  for (const IssuedToken& one : authority.index().tokens) {
    const bool is_meant = one.id == which || one.device == which || "device/" + one.device == which;
    if (!is_meant || !one.IsUnused(now)) continue;
    ended.push_back(one);
    lines += EndedLine(one.id, now);
  }
  if (lines.empty()) return ended;
  if (Status done = authority.Append(lines); !done) return done.error();
  return ended;
}

EnrolOutcome Enrol(CaDirectory& authority, const EnrolToken& shown, const std::string& device,
                   const Key& key, WallTime now, WallTime not_after) {
  const IssuedToken* token = FindToken(authority.index(), shown);
  if (auto denial = CheckToken(token, device, now)) return *std::move(denial);
  const auto digest = DigestOf(key);
  if (!digest) return Failed(digest.error());
  if (!token->serial.empty()) return AnswerAgain(authority, *token, *digest);
  const auto party = MakeParty(PartyKind::kDevice, {device});
  if (!party) return Failed(party.error());
  if (Status first = authority.RefuseSecond(*party, now); !first) {
    return EnrolDenial{EnrolRefusal::kHasCertificate, first.error()};
  }
  const auto made = Sign(authority, *party, key, now, not_after);
  if (!made) return Failed(made.error());
  // The file first: what the index says can be answered again. One line, which is there or not.
  Status done = authority.KeepIssued(made->issued.serial, made->pem);
  if (done) done = authority.Append(EnrolledLine(made->issued, shown.id, *digest));
  if (!done) return Failed(done.error());
  return Fresh(*made);
}

EnrolOutcome RenewEnrolled(CaDirectory& authority, const EnrolledCaller& caller, const Key& key,
                           WallTime now, WallTime not_after) {
  const IssuedCertificate* old = FindCertificate(authority.index(), caller.serial);
  const auto digest = DigestOf(key);
  if (!digest) return Failed(digest.error());
  auto denial = CheckRenewal(authority.index(), old, caller, now);
  // Who has as many as there may be can still have lost the last answer.
  if (!denial || denial->reason == EnrolRefusal::kHasCertificate) {
    const IssuedCertificate* last = LastRenewed(authority, *old, *digest, now);
    if (last != nullptr) return Again(authority, *last);
  }
  if (denial) return *std::move(denial);
  const auto made = Sign(authority, old->party, key, now, not_after);
  if (!made) return Failed(made.error());
  Status done = authority.KeepIssued(made->issued.serial, made->pem);
  if (done) done = authority.Append(IssuedLine(made->issued));
  if (!done) return Failed(done.error());
  return Fresh(*made);
}

}  // namespace edgefeed
