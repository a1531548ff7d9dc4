#include "common/ca/ca_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ranges>

#include "common/base/file.h"
#include "common/base/units.h"
#include "common/ca/ca_files.h"
#include "common/pki/crl_writer.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCertificate = "ca.pem";
constexpr const char* kKey = "ca.key";
constexpr const char* kCrl = "crl.pem";
constexpr const char* kIndex = "index";
constexpr const char* kIssued = "issued";
constexpr mode_t kPrivateDirectory = 0700;

Error NoCa(const fs::path& directory) {
  return {Code::kNotFound, directory.string() + ": holds no CA: `edgefeedctl ca init --dir " +
                               directory.string() + "` makes one"};
}

Result<std::string> ReadFile(const fs::path& file) { return ReadSmallFile(file); }

Result<Certificate> ReadCertificate(const fs::path& file) {
  const auto pem = ReadFile(file);
  if (!pem) return pem.error();
  return Certificate::FromPem(file.string(), *pem);
}

Result<CaIndex> ReadIndex(const fs::path& directory) {
  const fs::path file = directory / kIndex;
  const auto text = ReadSmallFile(file, kMaxCaIndexBytes);
  if (!text) return text.error();
  return ParseCaIndex(file.string(), *text);
}

Status RefuseReadableByOthers(const fs::path& key_file) {
  struct stat found{};
  if (::stat(key_file.c_str(), &found) != 0) return ErrnoError(key_file.string(), errno);
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return Error{Code::kPermissionDenied, key_file.string() +
                                            ": other users may read or change the key of the CA: "
                                            "chmod 600 " +
                                            key_file.string()};
}

Result<Issuer> ReadIssuer(const fs::path& directory) {
  auto certificate = ReadCertificate(directory / kCertificate);
  if (!certificate) return certificate.error();
  const fs::path key_file = directory / kKey;
  if (Status secret = RefuseReadableByOthers(key_file); !secret) return secret.error();
  const auto pem = ReadFile(key_file);
  if (!pem) return pem.error();
  auto key = Key::FromPem(key_file.string(), *pem);
  if (!key) return key.error();
  auto issuer = Issuer::FromPair(std::move(*certificate), std::move(*key));
  if (!issuer) return issuer.error().Wrap(directory.string());
  return issuer;
}

Status MakeDirectory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), kPrivateDirectory) == 0 || errno == EEXIST) return {};
  return ErrnoError(directory.string(), errno);
}

Status MakeParents(const fs::path& directory) {
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error) return Error{Code::kInternal, directory.string() + ": " + error.message()};
  return {};
}

std::vector<RevokedSerial> RevokedOf(const CaIndex& index) {
  std::vector<RevokedSerial> revoked;
  for (const IssuedCertificate& certificate : index.certificates) {
    if (certificate.revoked) revoked.push_back({certificate.serial, *certificate.revoked});
  }
  return revoked;
}

Status FillCa(const fs::path& directory, const Issuer& issuer, WallTime now) {
  const auto certificate = issuer.certificate().Pem();
  if (!certificate) return certificate.error();
  const auto key = issuer.key().PrivatePem();
  if (!key) return key.error();
  const auto crl = WriteRevocationList(issuer, {}, 1, now);
  if (!crl) return crl.error();
  Status done = WriteNewFile(directory / kKey, *key, Secrecy::kPrivate);
  if (done) done = WriteNewFile(directory / kCertificate, *certificate, Secrecy::kPublic);
  if (done) done = WriteNewFile(directory / kCrl, *crl, Secrecy::kPublic);
  if (done) done = WriteNewFile(directory / kIndex, kCaIndexHeader, Secrecy::kPrivate);
  if (done) done = MakeDirectory(directory / kIssued);
  return done;
}

}  // namespace

PartyFiles FilesOf(PartyKind kind) {
  if (kind == PartyKind::kDevice) return {"agent.pem", "agent.key"};
  if (kind == PartyKind::kCollector) return {"collector.pem", "collector.key"};
  return {"me.pem", "me.key"};
}

fs::path DefaultOut(const Party& party) {
  return std::string(ToString(party.kind)) + "-" + party.name;
}

Result<CaContents> ReadCa(const fs::path& directory) {
  if (!fs::exists(directory / kCertificate)) return NoCa(directory);
  const auto certificate = ReadCertificate(directory / kCertificate);
  if (!certificate) return certificate.error();
  auto index = ReadIndex(directory);
  if (!index) return index.error();
  return CaContents{.name = certificate->CommonName(),
                    .serial = certificate->Serial(),
                    .not_after = certificate->NotAfter(),
                    .issued = std::move(index->certificates),
                    .tokens = std::move(index->tokens)};
}

Status CaDirectory::Create(const fs::path& directory, const std::string& name, WallTime now,
                           WallTime not_after) {
  if (Status made = MakeParents(directory); !made) return made;
  auto unfinished = UnfinishedDirectory::Begin(directory);
  if (!unfinished) return unfinished.error();
  const auto issuer = Issuer::Create(name, now, not_after);
  if (!issuer) return issuer.error();
  if (Status filled = FillCa(unfinished->path(), *issuer, now); !filled) return filled;
  return unfinished->Publish();
}

Result<CaDirectory> CaDirectory::Open(const fs::path& directory, WallTime now, Turn turn) {
  if (!fs::exists(directory / kCertificate)) return NoCa(directory);
  auto lock = LockDirectory(directory, turn);
  if (!lock) return lock.error();
  auto issuer = ReadIssuer(directory);
  if (!issuer) return issuer.error();
  auto index = ReadIndex(directory);
  if (!index) return index.error();
  CaDirectory ca(directory, std::move(*lock), std::move(*issuer), std::move(*index));
  Status repaired = ca.CutTornLine();
  if (repaired) repaired = ca.WriteCrlUnlessNew(now);
  if (!repaired) return repaired.error();
  return ca;
}

Result<IssuedCertificate> CaDirectory::Issue(const IssueOrder& order, WallTime now) {
  if (Status first = RefuseSecond(order.party, now); !first) return first.error();
  auto unfinished = UnfinishedDirectory::Begin(order.out);
  if (!unfinished) return unfinished.error();
  auto own = order.requested ? Result<Key>(Error{}) : Key::Generate();
  if (!order.requested && !own) return own.error();
  const Key& key = order.requested ? *order.requested : *own;
  const auto certificate = issuer_.Issue(ProfileOf(order.party), key, now, order.not_after);
  if (!certificate) return certificate.error();
  const auto pem = certificate->Pem();
  if (!pem) return pem.error();
  IssuedCertificate issued{.serial = certificate->Serial(),
                           .party = order.party,
                           .issued = now,
                           .not_after = certificate->NotAfter(),
                           .revoked = std::nullopt};
  Status done = HandOut(unfinished->path(), order.party.kind, *pem, own ? &*own : nullptr);
  if (done) done = Record(issued, *pem);
  if (done) done = unfinished->Publish();
  if (done) return issued;
  // Nobody has it: the party may be issued for again.
  const auto undone = Revoke(issued.serial, now);
  if (undone || undone.error().code == Code::kNotFound) return done.error();
  return Error{done.error().code, done.error().message + "; nor could certificate " +
                                      issued.serial + " be revoked: " + undone.error().message};
}

Result<IssuedCertificate> CaDirectory::Renew(std::string_view which, WallTime now,
                                             WallTime not_after, fs::path& out) {
  const auto found = FindIssued(index_, which);
  if (!found) return found.error();
  const Party& party = found->back().party;
  const auto key = LastKey(*found);
  if (!key) return key.error();
  const auto certificate = issuer_.Issue(ProfileOf(party), *key, now, not_after);
  if (!certificate) return certificate.error();
  const auto pem = certificate->Pem();
  if (!pem) return pem.error();
  if (out.empty()) out = DefaultOut(party);
  if (Status made = MakeDirectory(out); !made) return made.error();
  IssuedCertificate issued{.serial = certificate->Serial(),
                           .party = party,
                           .issued = now,
                           .not_after = certificate->NotAfter(),
                           .revoked = std::nullopt};
  Status done = Record(issued, *pem);
  if (done) done = ReplacePublicFile(out / FilesOf(party.kind).certificate, *pem);
  if (!done) return done.error();
  return issued;
}

Result<std::vector<IssuedCertificate>> CaDirectory::Revoke(std::string_view which, WallTime now) {
  auto found = FindIssued(index_, which);
  if (!found) return found.error();
  std::erase_if(*found, [](const IssuedCertificate& one) { return one.revoked.has_value(); });
  if (found->empty()) return found;
  std::string lines;
  for (IssuedCertificate& one : *found) {
    one.revoked = now;
    lines += RevokedLine(one.serial, now);
  }
  if (Status done = Append(lines); !done) return done.error();
  if (Status done = WriteCrl(now); !done) return done.error();
  return found;
}

fs::path CaDirectory::IssuedFile(const std::string& serial) const {
  return directory_ / kIssued / (serial + ".pem");
}

Status CaDirectory::RefuseSecond(const Party& party, WallTime now) const {
  const auto good = std::ranges::find_if(index_.certificates, [&](const IssuedCertificate& one) {
    return one.party.kind == party.kind && one.party.name == party.name && one.IsGood(now);
  });
  if (good == index_.certificates.end()) return {};
  const std::string name = std::string(ToString(party.kind)) + "/" + party.name;
  return Error{Code::kFailedPrecondition,
               Describe(party) + " has a certificate until " + FormatTime(good->not_after) +
                   ": `edgefeedctl ca renew " + name +
                   "` gives its key a new one; if that key is lost, `edgefeedctl ca revoke " +
                   name + "` and issue again"};
}

// The files of one party, in a directory of their own.
Status CaDirectory::HandOut(const fs::path& directory, PartyKind kind,
                            const std::string& certificate_pem, const Key* own_key) const {
  const PartyFiles files = FilesOf(kind);
  const auto ca = ReadFile(directory_ / kCertificate);
  if (!ca) return ca.error();
  Status done = WriteNewFile(directory / kCertificate, *ca, Secrecy::kPublic);
  if (done) done = WriteNewFile(directory / files.certificate, certificate_pem, Secrecy::kPublic);
  if (done && own_key != nullptr) {
    const auto key = own_key->PrivatePem();
    if (!key) return key.error();
    done = WriteNewFile(directory / files.key, *key, Secrecy::kPrivate);
  }
  if (done && kind == PartyKind::kCollector) {
    const auto crl = ReadFile(directory_ / kCrl);
    if (!crl) return crl.error();
    done = WriteNewFile(directory / kCrl, *crl, Secrecy::kPublic);
  }
  return done;
}

// A certificate may be in the index without a file: its process was killed in between.
Result<Key> CaDirectory::LastKey(const std::vector<IssuedCertificate>& found) const {
  for (const IssuedCertificate& one : std::ranges::reverse_view(found)) {
    if (one.revoked || !fs::exists(IssuedFile(one.serial))) continue;
    const auto certificate = ReadCertificate(IssuedFile(one.serial));
    if (!certificate) return certificate.error();
    return certificate->PublicKey();
  }
  const Party& party = found.back().party;
  return Error{Code::kFailedPrecondition,
               Describe(party) + " has no certificate that is not revoked: `edgefeedctl ca issue " +
                   Describe(party) + "` makes a new key and certificate"};
}

// The index first: what is not in it could not be revoked.
Status CaDirectory::Record(const IssuedCertificate& issued, const std::string& pem) {
  if (Status done = Append(IssuedLine(issued)); !done) return done;
  return KeepIssued(issued.serial, pem);
}

Status CaDirectory::KeepIssued(const std::string& serial, const std::string& pem) const {
  return ReplacePublicFile(IssuedFile(serial), pem);
}

Result<std::string> CaDirectory::IssuedPem(const std::string& serial) const {
  return ReadFile(IssuedFile(serial));
}

Status CaDirectory::Append(const std::string& lines) {
  const std::string file = (directory_ / kIndex).string();
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return ErrnoError(file, errno);
  Status done = WriteAll(fd.get(), lines, file);
  if (done && ::fsync(fd.get()) != 0) done = ErrnoError(file, errno);
  if (!done) {
    if (const Status cut = CutTornLine(); !cut) return cut;
    return done;
  }
  auto index = ReadIndex(directory_);
  if (!index) return index.error();
  index_ = std::move(*index);
  return {};
}

Status CaDirectory::CutTornLine() const {
  const fs::path file = directory_ / kIndex;
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!error && size > index_.whole_bytes) fs::resize_file(file, index_.whole_bytes, error);
  if (error) return Error{Code::kInternal, file.string() + ": " + error.message()};
  return {};
}

Status CaDirectory::WriteCrl(WallTime now) const {
  const auto crl =
      WriteRevocationList(issuer_, RevokedOf(index_), index_.last_revoked_line + 1, now);
  if (!crl) return crl.error();
  return ReplacePublicFile(directory_ / kCrl, *crl);
}

// After a crash between the two.
Status CaDirectory::WriteCrlUnlessNew(WallTime now) const {
  const auto crl = ReadFile(directory_ / kCrl);
  if (crl && RevocationListNumber(*crl) == index_.last_revoked_line + 1) return {};
  return WriteCrl(now);
}

}  // namespace edgefeed
