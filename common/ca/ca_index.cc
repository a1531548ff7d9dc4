#include "common/ca/ca_index.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "common/base/safe_text.h"
#include "common/base/text.h"
#include "common/digest/digest_text.h"

namespace edgefeed {
namespace {

constexpr std::size_t kSerialDigits = 32;

std::string Seconds(WallTime time) { return std::to_string(UnixMillis(time) / 1000); }

std::optional<WallTime> ParseSeconds(std::string_view text) {
  const auto seconds = ParseNumber<std::uint32_t>(text);
  if (!seconds) return std::nullopt;
  return WallTime(std::chrono::seconds(*seconds));
}

bool IsSerial(std::string_view text) {
  return text.size() == kSerialDigits &&
         text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (const auto field = NextField(line)) fields.push_back(*field);
  return fields;
}

std::vector<std::string> SplitNames(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const auto comma = text.find(',');
    names.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

std::string JoinNames(const Party& party) {
  if (party.hosts.empty()) return party.name;
  std::string names;
  for (const std::string& host : party.hosts) names += (names.empty() ? "" : ",") + host;
  return names;
}

std::string IssuedFields(const IssuedCertificate& certificate) {
  return Seconds(certificate.issued) + " " + certificate.serial + " " +
         std::string(ToString(certificate.party.kind)) + " " + JoinNames(certificate.party) + " " +
         Seconds(certificate.not_after);
}

// An index, as far as it was read, and where in it is what later lines speak of: a collector reads
// all of it for each board that enrols.
struct Reading {
  CaIndex index;
  std::unordered_map<std::string, std::size_t> certificates;  // By serial.
  std::unordered_map<std::string, std::size_t> tokens;        // By id.

  IssuedCertificate* Certificate(std::string_view serial) {
    const auto found = certificates.find(std::string(serial));
    return found == certificates.end() ? nullptr : &index.certificates[found->second];
  }
  IssuedToken* Token(std::string_view id) {
    const auto found = tokens.find(std::string(id));
    return found == tokens.end() ? nullptr : &index.tokens[found->second];
  }
};

// issued TIME SERIAL KIND NAMES NOT_AFTER
bool AddIssued(const std::vector<std::string_view>& fields, Reading& reading) {
  if (fields.size() != 6 || !IsSerial(fields[2])) return false;
  const auto issued = ParseSeconds(fields[1]);
  const auto not_after = ParseSeconds(fields[5]);
  const auto kind = ParsePartyKind(fields[3]);
  if (!issued || !not_after || !kind) return false;
  auto party = MakeParty(*kind, SplitNames(fields[4]));
  if (!party) return false;
  reading.certificates.emplace(fields[2], reading.index.certificates.size());
  reading.index.certificates.push_back({.serial = std::string(fields[2]),
                                        .party = std::move(*party),
                                        .issued = *issued,
                                        .not_after = *not_after,
                                        .revoked = std::nullopt});
  return true;
}

// token TIME ID SHA256 device NAME EXPIRES
bool AddToken(const std::vector<std::string_view>& fields, Reading& reading) {
  if (fields.size() != 7 || !IsEnrolTokenId(fields[2]) || fields[4] != "device") return false;
  const auto made = ParseSeconds(fields[1]);
  const auto secret = ParseSha256(fields[3]);
  const auto expires = ParseSeconds(fields[6]);
  if (!made || !secret || !expires) return false;
  if (!MakeParty(PartyKind::kDevice, {std::string(fields[5])})) return false;
  if (!reading.tokens.emplace(fields[2], reading.index.tokens.size()).second) return false;
  IssuedToken token;
  token.id = fields[2];
  token.secret = *secret;
  token.device = fields[5];
  token.made = *made;
  token.expires = *expires;
  reading.index.tokens.push_back(std::move(token));
  return true;
}

// ended TIME ID
bool AddEnded(const std::vector<std::string_view>& fields, Reading& reading) {
  if (fields.size() != 3) return false;
  const auto time = ParseSeconds(fields[1]);
  IssuedToken* const token = reading.Token(fields[2]);
  if (!time || token == nullptr) return false;
  if (!token->ended) token->ended = time;
  return true;
}

// enrolled TIME SERIAL device NAME EXPIRES ID SHA256
bool AddEnrolled(std::vector<std::string_view> fields, Reading& reading) {
  if (fields.size() != 8 || fields[3] != "device") return false;
  IssuedToken* const token = reading.Token(fields[6]);
  const auto key = ParseSha256(fields[7]);
  if (token == nullptr || !token->serial.empty() || !key) return false;
  fields.resize(6);
  if (!AddIssued(fields, reading)) return false;
  token->serial = reading.index.certificates.back().serial;
  token->key = *key;
  return true;
}

// revoked TIME SERIAL
bool AddRevoked(const std::vector<std::string_view>& fields, Reading& reading) {
  if (fields.size() != 3) return false;
  const auto time = ParseSeconds(fields[1]);
  IssuedCertificate* const certificate = reading.Certificate(fields[2]);
  if (!time || certificate == nullptr) return false;
  if (!certificate->revoked) certificate->revoked = time;
  reading.index.last_revoked_line = reading.index.lines;
  return true;
}

bool AddLine(std::string_view line, Reading& reading) {
  const auto fields = Fields(line);
  if (fields.empty()) return false;
  if (fields[0] == "issued") return AddIssued(fields, reading);
  if (fields[0] == "token") return AddToken(fields, reading);
  if (fields[0] == "ended") return AddEnded(fields, reading);
  if (fields[0] == "enrolled") return AddEnrolled(fields, reading);
  return fields[0] == "revoked" && AddRevoked(fields, reading);
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return upper;
}

bool IsMeant(const IssuedCertificate& certificate, std::string_view which) {
  const std::string name = std::string(ToString(certificate.party.kind)) + "/";
  return certificate.party.name == which || name + certificate.party.name == which;
}

}  // namespace

Result<CaIndex> ParseCaIndex(std::string_view file, std::string_view text) {
  if (!text.starts_with(kCaIndexHeader)) {
    return Error{Code::kDataLoss, std::string(file) +
                                      ":1: is not 'edgefeed-ca 1', the first line "
                                      "of an index that this program can read"};
  }
  Reading reading;
  CaIndex& index = reading.index;
  index.whole_bytes = text.rfind('\n') + 1;
  std::string_view rest = text.substr(0, index.whole_bytes);
  rest.remove_prefix(kCaIndexHeader.size());
  while (const auto line = NextLine(rest)) {
    ++index.lines;
    if (!AddLine(*line, reading)) {
      return Error{Code::kDataLoss, std::string(file) + ":" + std::to_string(index.lines + 1) +
                                        ": '" + SafeText(std::string(line->substr(0, 200))) +
                                        "' is no line of an index"};
    }
  }
  return std::move(reading.index);
}

std::string IssuedLine(const IssuedCertificate& certificate) {
  return "issued " + IssuedFields(certificate) + "\n";
}

std::string EnrolledLine(const IssuedCertificate& certificate, const std::string& token_id,
                         const Sha256Digest& key) {
  return "enrolled " + IssuedFields(certificate) + " " + token_id + " " + ToString(key) + "\n";
}

std::string TokenLine(const IssuedToken& token) {
  return "token " + Seconds(token.made) + " " + token.id + " " + ToString(token.secret) +
         " device " + token.device + " " + Seconds(token.expires) + "\n";
}

std::string EndedLine(const std::string& token_id, WallTime now) {
  return "ended " + Seconds(now) + " " + token_id + "\n";
}

std::string RevokedLine(const std::string& serial, WallTime now) {
  return "revoked " + Seconds(now) + " " + serial + "\n";
}

Result<std::vector<IssuedCertificate>> FindIssued(const CaIndex& index, std::string_view which) {
  std::vector<IssuedCertificate> found;
  const std::string serial = UpperCase(which);
  for (const IssuedCertificate& certificate : index.certificates) {
    if (certificate.serial == serial) return std::vector<IssuedCertificate>{certificate};
    if (IsMeant(certificate, which)) found.push_back(certificate);
  }
  const std::string quoted = "'" + SafeText(std::string(which.substr(0, 200))) + "'";
  if (found.empty()) {
    return Error{Code::kNotFound, "nothing was issued for " + quoted +
                                      ": `edgefeedctl ca ls` lists names and serial numbers"};
  }
  for (const IssuedCertificate& other : found) {
    if (other.party.kind == found[0].party.kind) continue;
    return Error{Code::kInvalidArgument,
                 quoted + " is a " + std::string(ToString(found[0].party.kind)) + " and a " +
                     std::string(ToString(other.party.kind)) + ": say " +
                     std::string(ToString(found[0].party.kind)) + "/" + found[0].party.name +
                     " or " + std::string(ToString(other.party.kind)) + "/" + other.party.name};
  }
  return found;
}

}  // namespace edgefeed
