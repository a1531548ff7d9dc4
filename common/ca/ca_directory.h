#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/ca/ca_files.h"
#include "common/ca/ca_index.h"
#include "common/ca/party.h"
#include "common/pki/issuer.h"
#include "common/pki/key.h"

namespace edgefeed {

// The names of files in what is handed to a party: "agent.pem", "agent.key".
struct PartyFiles {
  std::string certificate;
  std::string key;
};
PartyFiles FilesOf(PartyKind kind);

struct IssueOrder {
  Party party;
  WallTime not_after;
  std::optional<Key>
      requested;              // A public key whose private half is elsewhere; nothing: a new one.
  std::filesystem::path out;  // A new directory for the party's files.
};

// What an authority is and has done, read without its key and without waiting for others.
struct CaContents {
  std::string name;
  std::string serial;
  WallTime not_after;
  std::vector<IssuedCertificate> issued;
  std::vector<IssuedToken> tokens;
};
Result<CaContents> ReadCa(const std::filesystem::path& directory);

// A certificate authority in a directory, see FORMAT.md. One process at a time changes it: Open()
// waits for its turn. Killed at any moment, it leaves a directory that the next process can go on
// with, and never hands out a certificate that is not in the index.
class CaDirectory {
 public:
  // ALREADY_EXISTS when there is anything at `directory`; its parents are made.
  static Status Create(const std::filesystem::path& directory, const std::string& name,
                       WallTime now, WallTime not_after);
  static Result<CaDirectory> Open(const std::filesystem::path& directory, WallTime now,
                                  Turn turn = Turn::kWait);

  // A party that has a good certificate gets no second one: FAILED_PRECONDITION.
  Result<IssuedCertificate> Issue(const IssueOrder& order, WallTime now);
  // A new certificate on the key of the last one, which stays good. Writes it into `out`, over the
  // old one; an empty path is a directory of the party's name here.
  Result<IssuedCertificate> Renew(std::string_view which, WallTime now, WallTime not_after,
                                  std::filesystem::path& out);
  // The certificates that are revoked by this, none if they all were.
  Result<std::vector<IssuedCertificate>> Revoke(std::string_view which, WallTime now);

  [[nodiscard]] const Certificate& certificate() const { return issuer_.certificate(); }

  // What enrolment is made of.
  [[nodiscard]] const Issuer& issuer() const { return issuer_; }
  // Another one after each Append().
  [[nodiscard]] const CaIndex& index() const { return index_; }
  // FAILED_PRECONDITION when the party has a good certificate: it says what to do.
  [[nodiscard]] Status RefuseSecond(const Party& party, WallTime now) const;
  // Lines for the index: on return on stable storage, and read. Torn, all or some of them are gone.
  Status Append(const std::string& lines);
  // The file of a certificate of this serial number, before its line is written.
  Status KeepIssued(const std::string& serial, const std::string& pem) const;
  [[nodiscard]] Result<std::string> IssuedPem(const std::string& serial) const;

 private:
  CaDirectory(std::filesystem::path directory, UniqueFd lock, Issuer issuer, CaIndex index)
      : directory_(std::move(directory)),
        lock_(std::move(lock)),
        issuer_(std::move(issuer)),
        index_(std::move(index)) {}

  [[nodiscard]] std::filesystem::path IssuedFile(const std::string& serial) const;
  [[nodiscard]] Status HandOut(const std::filesystem::path& directory, PartyKind kind,
                               const std::string& certificate_pem, const Key* own_key) const;
  [[nodiscard]] Result<Key> LastKey(const std::vector<IssuedCertificate>& found) const;
  Status Record(const IssuedCertificate& issued, const std::string& pem);
  Status CutTornLine() const;
  Status WriteCrl(WallTime now) const;
  Status WriteCrlUnlessNew(WallTime now) const;

  std::filesystem::path directory_;
  UniqueFd lock_;
  Issuer issuer_;
  CaIndex index_;
};

// Where a party's files go unless told otherwise: "device-cam-01".
std::filesystem::path DefaultOut(const Party& party);

}  // namespace edgefeed
