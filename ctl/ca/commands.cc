#include "ctl/ca/commands.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <tuple>

#include "common/base/file.h"
#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "common/ca/ca_directory.h"
#include "common/ca/enrolment.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kAuthorityLasts = std::chrono::days(3650);
constexpr std::chrono::milliseconds kTokenLasts = std::chrono::hours(24);
constexpr std::chrono::milliseconds kExpiresSoon = std::chrono::days(30);
constexpr std::size_t kMaxCaName = 64;

// Without a slash at its end.
fs::path PathOf(const std::string& text) {
  const fs::path path = fs::path(text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

Result<fs::path> CaPath(const CaOptions& options, const Preferences& preferences) {
  if (!options.directory.empty()) return PathOf(options.directory);
  if (!preferences.ca_directory.empty()) return preferences.ca_directory;
  return Error{Code::kInvalidArgument, "there is no home directory to look in: say --dir DIR"};
}

WallTime EndOf(const CaOptions& options, std::chrono::milliseconds default_lasts, WallTime now) {
  return now + options.lasts.value_or(default_lasts);
}

std::string StateOf(const IssuedCertificate& certificate, WallTime now) {
  if (certificate.revoked) return "revoked";
  return certificate.IsGood(now) ? "good" : "expired";
}

std::string CertificateJson(const IssuedCertificate& certificate, WallTime now) {
  JsonLine json;
  json.Add("serial", certificate.serial);
  json.Add("kind", ToString(certificate.party.kind));
  json.Add("name", certificate.party.name);
  json.BeginArray("hosts");
  for (const std::string& host : certificate.party.hosts) json.Add("", host);
  json.End();
  json.Add("issued", FormatTime(certificate.issued));
  json.Add("expires", FormatTime(certificate.not_after));
  json.Add("revoked", certificate.revoked
                          ? std::optional<std::string>(FormatTime(*certificate.revoked))
                          : std::nullopt);
  json.Add("state", StateOf(certificate, now));
  return json.text();
}

std::string TokenJson(const IssuedToken& token, std::string_view state) {
  JsonLine json;
  json.Add("id", token.id);
  json.Add("kind", "token");
  json.Add("name", token.device);
  json.Add("issued", FormatTime(token.made));
  json.Add("expires", FormatTime(token.expires));
  json.Add("state", state);
  return json.text();
}

std::string CaJson(const CaContents& contents) {
  JsonLine json;
  json.Add("serial", contents.serial);
  json.Add("kind", "ca");
  json.Add("name", contents.name);
  json.Add("expires", FormatTime(contents.not_after));
  return json.text();
}

// What the party's configuration has to say.
std::string ConfigOf(const Party& party) {
  const PartyFiles files = FilesOf(party.kind);
  const std::string own = "cert: " + files.certificate + ", key: " + files.key;
  switch (party.kind) {
    case PartyKind::kDevice:
      return "Copy them to /etc/edgefeed on the device, where agent.yaml says:\n  service_name: " +
             party.name + "\n  tls: {ca: ca.pem, " + own + "}\n";
    case PartyKind::kCollector:
      return "Copy them to /etc/edgefeed on the collector's host, where collector.yaml says:\n"
             "  listen: 0.0.0.0:50051\n  tls: {" +
             own + ", client_ca: ca.pem, crl: crl.pem}\n";
    case PartyKind::kViewer:
    case PartyKind::kOperator:
    case PartyKind::kAdmin: break;
  }
  return "Copy them to ~/.config/edgefeed, where ctl.yaml says:\n  collector: " +
         std::string("HOST:50051\n  tls: {ca: ca.pem, ") + own + "}\n";
}

std::string Until(const IssuedCertificate& certificate) {
  return Describe(certificate.party) + ": certificate " + certificate.serial + ", good until " +
         FormatUtc(certificate.not_after) + "\n";
}

void ReportIssued(const IssuedCertificate& issued, const fs::path& out, bool has_key,
                  std::ostream& text) {
  const PartyFiles files = FilesOf(issued.party.kind);
  const auto file = [&out](const std::string& name) {
    return "  " + SafeText((out / name).string());
  };
  text << Until(issued) << file(files.certificate) << "  the certificate\n";
  if (has_key) text << file(files.key) << "  its private key: there is no other copy\n";
  text << file("ca.pem") << "  whom it believes\n";
  if (issued.party.kind == PartyKind::kCollector) {
    text << file("crl.pem") << "  whose certificates are revoked\n";
  }
  text << ConfigOf(issued.party);
}

Status Init(const CaOptions& options, const fs::path& directory, WallTime now, Console& console) {
  // Two authorities of one name would be taken for each other.
  const std::string name =
      options.name.empty() ? "Edgefeed CA " + std::to_string(UnixMillis(now)) : options.name;
  if (name.size() > kMaxCaName || SafeText(name) != name) {
    return Error{Code::kInvalidArgument,
                 "--name: '" + SafeText(name) + "' is no name of at most 64 letters"};
  }
  const WallTime end = EndOf(options, kAuthorityLasts, now);
  if (Status made = CaDirectory::Create(directory, name, now, end); !made) return made;
  const std::string path = SafeText(directory.string());
  console.out << name << ": good until " << FormatUtc(end) << "\n  " << path
              << "/ca.pem  its certificate: whom devices, collectors and people believe\n  " << path
              << "/ca.key  its private key: keep a copy where nobody finds it\n"
              << "Next: edgefeedctl ca issue collector HOST...\n"
              << "      edgefeedctl ca issue device NAME\n";
  return {};
}

Result<std::optional<Key>> RequestedKey(const std::string& file) {
  if (file.empty()) return std::optional<Key>();
  const auto pem = ReadSmallFile(file);
  if (!pem) return pem.error();
  auto key = Key::FromRequest(file, *pem);
  if (!key) return key.error();
  return std::optional<Key>(std::move(*key));
}

Status Issue(const CtlOptions& all, const fs::path& directory, WallTime now, Console& console) {
  const CaOptions& options = all.authority;
  const auto kind = ParsePartyKind(options.kind);
  if (!kind) return kind.error();
  auto party = MakeParty(*kind, options.names);
  if (!party) return party.error();
  auto requested = RequestedKey(options.request);
  if (!requested) return requested.error();
  auto authority = CaDirectory::Open(directory, now);
  if (!authority) return authority.error();
  const fs::path out = options.out.empty() ? DefaultOut(*party) : PathOf(options.out);
  const auto issued = authority->Issue({.party = *party,
                                        .not_after = EndOf(options, kCertificateLasts, now),
                                        .requested = std::move(*requested),
                                        .out = out},
                                       now);
  if (!issued) return issued.error();
  if (all.json) {
    console.out << CertificateJson(*issued, now) << '\n';
  } else {
    ReportIssued(*issued, out, options.request.empty(), console.out);
  }
  return {};
}

Status Renew(const CtlOptions& all, const fs::path& directory, WallTime now, Console& console) {
  const CaOptions& options = all.authority;
  auto authority = CaDirectory::Open(directory, now);
  if (!authority) return authority.error();
  fs::path out = options.out.empty() ? fs::path() : PathOf(options.out);
  const auto renewed =
      authority->Renew(options.which, now, EndOf(options, kCertificateLasts, now), out);
  if (!renewed) return renewed.error();
  if (all.json) {
    console.out << CertificateJson(*renewed, now) << '\n';
    return {};
  }
  const std::string file = FilesOf(renewed->party.kind).certificate;
  console.out << Until(*renewed) << "  " << SafeText((out / file).string())
              << "  the certificate, for the key that is in use\nCopy it over the old " << file
              << ", which is good until it expires.\n";
  return {};
}

// Only the token goes to standard output: it is to be piped to a board.
Status MakeToken(const CtlOptions& all, const fs::path& directory, WallTime now, Console& console) {
  const std::string& device = all.authority.names.front();
  auto authority = CaDirectory::Open(directory, now);
  if (!authority) return authority.error();
  const WallTime end = EndOf(all.authority, kTokenLasts, now);
  const auto token = MakeEnrolToken(*authority, device, now, end);
  if (!token) return token.error();
  if (all.json) {
    JsonLine json;
    json.Add("id", token->id);
    json.Add("name", device);
    json.Add("expires", FormatTime(end));
    json.Add("token", ToString(*token));
    console.out << json.text() << '\n';
    return {};
  }
  console.out << ToString(*token) << '\n';
  console.err << "device " << device << " can enrol with it once, until " << FormatUtc(end)
              << ". It is shown this once. On the device, as root:\n"
              << "  edgefeed-agent enrol TOKEN --collector HOST:PORT\n";
  return {};
}

// Tokens that are not used yet, and certificates.
Status Revoke(const CtlOptions& all, const fs::path& directory, WallTime now, Console& console) {
  auto authority = CaDirectory::Open(directory, now);
  if (!authority) return authority.error();
  const auto ended = EndEnrolTokens(*authority, all.authority.which, now);
  if (!ended) return ended.error();
  for (const IssuedToken& one : *ended) {
    if (all.json) {
      console.out << TokenJson(one, "ended") << '\n';
    } else {
      console.out << "device " << one.device << ": token " << one.id << " is ended\n";
    }
  }
  const auto revoked = authority->Revoke(all.authority.which, now);
  if (!revoked && !ended->empty() && revoked.error().code == Code::kNotFound) return {};
  if (!revoked) return revoked.error();
  for (const IssuedCertificate& one : *revoked) {
    if (all.json) {
      console.out << CertificateJson(one, now) << '\n';
    } else {
      console.out << Describe(one.party) << ": certificate " << one.serial << " is revoked\n";
    }
  }
  if (all.json) return {};
  if (revoked->empty()) console.out << "nothing to do: all of it is revoked already\n";
  console.out << "Copy " << SafeText((directory / "crl.pem").string())
              << " to the collector, over the file that its tls.crl names.\n";
  return {};
}

// What is good and expires first comes first, and what is revoked last.
void SortByNeed(std::vector<IssuedCertificate>& issued, WallTime now) {
  std::ranges::stable_sort(issued, {}, [now](const IssuedCertificate& one) {
    return std::tuple(one.revoked.has_value(), !one.IsGood(now), one.not_after);
  });
}

Span ExpiryCell(WallTime not_after, WallTime now) {
  return {FormatUtc(not_after), not_after - now < kExpiresSoon ? Style::kWarning : Style::kPlain};
}

Span StateCell(const IssuedCertificate& certificate, WallTime now) {
  return {StateOf(certificate, now), certificate.IsGood(now) ? Style::kGood : Style::kDim};
}

Status List(const CtlOptions& all, const fs::path& directory, WallTime now, Console& console) {
  auto contents = ReadCa(directory);
  if (!contents) return contents.error();
  SortByNeed(contents->issued, now);
  if (all.json) {
    console.out << CaJson(*contents) << '\n';
    for (const IssuedToken& one : contents->tokens) {
      if (one.IsUnused(now)) console.out << TokenJson(one, "unused") << '\n';
    }
    for (const IssuedCertificate& one : contents->issued) {
      console.out << CertificateJson(one, now) << '\n';
    }
    return {};
  }
  std::erase_if(contents->tokens, [now](const IssuedToken& one) { return !one.IsUnused(now); });
  Table table({{"EXPIRES"}, {"KIND"}, {"NAME"}, {"STATE"}, {"SERIAL"}});
  table.Add({ExpiryCell(contents->not_after, now),
             {"ca"},
             {SafeText(contents->name)},
             {contents->not_after > now ? "good" : "expired"},
             {contents->serial}});
  for (const IssuedToken& one : contents->tokens) {
    table.Add({{FormatUtc(one.expires)}, {"token"}, {one.device}, {"unused"}, {one.id}});
  }
  for (const IssuedCertificate& one : contents->issued) {
    table.Add({ExpiryCell(one.not_after, now),
               {std::string(ToString(one.party.kind))},
               {one.party.name},
               StateCell(one, now),
               {one.serial}});
  }
  console.out << RenderLines(table.Lines(), console.colour);
  return {};
}

}  // namespace

bool IsCaCommand(Command command) {
  return command == Command::kCaInit || command == Command::kCaIssue ||
         command == Command::kCaRevoke || command == Command::kCaRenew ||
         command == Command::kCaList || command == Command::kCaEnrolToken;
}

Status RunCa(const CtlOptions& options, const Preferences& preferences, const Clock& clock,
             Console& console) {
  const auto directory = CaPath(options.authority, preferences);
  if (!directory) return directory.error();
  const WallTime now = std::chrono::floor<std::chrono::seconds>(clock.Wall());  // As the index.
  if (options.command == Command::kCaInit) {
    return Init(options.authority, *directory, now, console);
  }
  if (options.command == Command::kCaIssue) return Issue(options, *directory, now, console);
  if (options.command == Command::kCaRenew) return Renew(options, *directory, now, console);
  if (options.command == Command::kCaEnrolToken) {
    return MakeToken(options, *directory, now, console);
  }
  if (options.command == Command::kCaRevoke) return Revoke(options, *directory, now, console);
  return List(options, *directory, now, console);
}

}  // namespace edgefeed
