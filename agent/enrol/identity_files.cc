#include "agent/enrol/identity_files.h"

#include <utility>

#include "agent/enrol/board_files.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

// edgefeed-agent-renew.service looks for this one.
constexpr const char* kNote = "agent.enrolment";

bool IsThere(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

}  // namespace

Result<Key> ReadKey(const fs::path& file) {
  const auto pem = ReadSmallFile(file);
  if (!pem) return pem.error();
  return Key::FromPem(file.string(), *pem);
}

Result<Certificate> ReadCertificate(const fs::path& file) {
  const auto pem = ReadSmallFile(file);
  if (!pem) return pem.error();
  return Certificate::FromPem(file.string(), *pem);
}

bool BelongTogether(const Certificate& certificate, const Key& key) {
  const auto certified = certificate.PublicKey();
  if (!certified) return false;
  const auto one = certified->PublicDer();
  const auto other = key.PublicDer();
  return one && other && *one == *other;
}

IdentityFiles::IdentityFiles(TlsFiles tls, const fs::path& config)
    : tls_(std::move(tls)), note_(config.parent_path() / kNote) {}

fs::path IdentityFiles::WaitingKey() const { return tls_.key.string() + ".enrol"; }

Result<Key> IdentityFiles::KeyToEnrol(const std::string& token_id) const {
  if (IsThere(WaitingKey())) return ReadKey(WaitingKey());
  // Killed when the key was in its place, or somebody does it once more.
  const auto note = ReadNote();
  if (note && note->token_id == token_id && IsThere(tls_.key)) return ReadKey(tls_.key);
  auto key = Key::Generate();
  if (!key) return key;
  const auto pem = key->PrivatePem();
  if (!pem) return pem.error();
  if (Status saved = WriteBoardFile(WaitingKey(), *pem, FileAccess::kAgent); !saved) {
    return saved.error();
  }
  return key;
}

Status IdentityFiles::TakeOver(const std::string& ca_pem, const std::string& certificate_pem,
                               const EnrolmentNote& note) const {
  Status done = WriteBoardFile(tls_.ca, ca_pem, FileAccess::kEverybody);
  if (done) {
    done =
        WriteBoardFile(note_, note.collector + "\n" + note.token_id + "\n", FileAccess::kEverybody);
  }
  if (done && IsThere(WaitingKey())) {
    done = MoveBoardFile(WaitingKey(), tls_.key, FileAccess::kAgent);
  }
  if (done) done = ReplaceCertificate(certificate_pem);
  return done;
}

Status IdentityFiles::ReplaceCertificate(const std::string& certificate_pem) const {
  return WriteBoardFile(tls_.cert, certificate_pem, FileAccess::kEverybody);
}

Result<EnrolmentNote> IdentityFiles::ReadNote() const {
  const auto text = ReadSmallFile(note_, 4096);
  if (!text) return text.error();
  std::string_view rest = *text;
  EnrolmentNote note;
  note.collector = Trim(NextLine(rest).value_or(""));
  note.token_id = Trim(NextLine(rest).value_or(""));
  return note;
}

}  // namespace edgefeed
