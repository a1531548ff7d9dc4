#include "ctl/ca/ca_index.h"

#include <algorithm>

#include "common/base/text.h"
#include "ctl/render/safe_text.h"

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

// issued TIME SERIAL KIND NAMES NOT_AFTER
bool AddIssued(const std::vector<std::string_view>& fields, CaIndex& index) {
  if (fields.size() != 6 || !IsSerial(fields[2])) return false;
  const auto issued = ParseSeconds(fields[1]);
  const auto not_after = ParseSeconds(fields[5]);
  const auto kind = ParsePartyKind(fields[3]);
  if (!issued || !not_after || !kind) return false;
  auto party = MakeParty(*kind, SplitNames(fields[4]));
  if (!party) return false;
  index.certificates.push_back({.serial = std::string(fields[2]),
                                .party = std::move(*party),
                                .issued = *issued,
                                .not_after = *not_after,
                                .revoked = std::nullopt});
  return true;
}

// revoked TIME SERIAL
bool AddRevoked(const std::vector<std::string_view>& fields, CaIndex& index) {
  if (fields.size() != 3) return false;
  const auto time = ParseSeconds(fields[1]);
  const auto found = std::ranges::find(index.certificates, fields[2], &IssuedCertificate::serial);
  if (!time || found == index.certificates.end()) return false;
  if (!found->revoked) found->revoked = time;
  index.last_revoked_line = index.lines;
  return true;
}

bool AddLine(std::string_view line, CaIndex& index) {
  const auto fields = Fields(line);
  if (fields.empty()) return false;
  if (fields[0] == "issued") return AddIssued(fields, index);
  return fields[0] == "revoked" && AddRevoked(fields, index);
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
  CaIndex index{
      .certificates = {}, .lines = 0, .last_revoked_line = 0, .whole_bytes = text.rfind('\n') + 1};
  std::string_view rest = text.substr(0, index.whole_bytes);
  rest.remove_prefix(kCaIndexHeader.size());
  while (const auto line = NextLine(rest)) {
    ++index.lines;
    if (!AddLine(*line, index)) {
      return Error{Code::kDataLoss, std::string(file) + ":" + std::to_string(index.lines + 1) +
                                        ": '" + SafeText(std::string(line->substr(0, 200))) +
                                        "' is no line of an index"};
    }
  }
  return index;
}

std::string IssuedLine(const IssuedCertificate& certificate) {
  return "issued " + Seconds(certificate.issued) + " " + certificate.serial + " " +
         std::string(ToString(certificate.party.kind)) + " " + JoinNames(certificate.party) + " " +
         Seconds(certificate.not_after) + "\n";
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
