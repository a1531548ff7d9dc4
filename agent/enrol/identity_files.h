#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"
#include "common/model/tls.h"
#include "common/pki/certificate.h"
#include "common/pki/key.h"

namespace edgefeed {

// Where a device enrolled, and with which token: a line each.
struct EnrolmentNote {
  std::string collector;  // "HOST:PORT"
  std::string token_id;
};

// The files of a device that enrols: those of `tls` in its configuration, a key that waits for its
// certificate, and a note of where it enrolled. Killed between any two steps, it goes on with the
// key that the collector knows.
class IdentityFiles {
 public:
  // `config`: the agent's, beside which the note is.
  IdentityFiles(TlsFiles tls, const std::filesystem::path& config);

  // The key to enrol with, on stable storage: the one that waits, the one that this token was used
  // for already, or else a new one.
  [[nodiscard]] Result<Key> KeyToEnrol(const std::string& token_id) const;
  // Puts everything in its place: the authority, the note, the key, its certificate.
  [[nodiscard]] Status TakeOver(const std::string& ca_pem, const std::string& certificate_pem,
                                const EnrolmentNote& note) const;
  // Only the certificate.
  [[nodiscard]] Status ReplaceCertificate(const std::string& certificate_pem) const;

  // NOT_FOUND: the device has not enrolled.
  [[nodiscard]] Result<EnrolmentNote> ReadNote() const;

  [[nodiscard]] const TlsFiles& tls() const { return tls_; }

 private:
  [[nodiscard]] std::filesystem::path WaitingKey() const;

  const TlsFiles tls_;
  const std::filesystem::path note_;
};

// Of a PEM file.
Result<Key> ReadKey(const std::filesystem::path& file);
Result<Certificate> ReadCertificate(const std::filesystem::path& file);

// Whether the certificate is for this key.
bool BelongTogether(const Certificate& certificate, const Key& key);

}  // namespace edgefeed
