#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/access/policy.h"
#include "common/base/result.h"

namespace edgefeed {

// A list of revoked certificates, and whose signature it must have.
struct CrlSource {
  std::filesystem::path crl;
  std::filesystem::path ca;
  friend bool operator==(const CrlSource&, const CrlSource&) = default;
};

// Reads what changes while the collector runs, again when it changes. A file that cannot be read,
// or is wrong, changes nothing: what it said last holds, and a warning says so, once. On one
// thread; waits for the disk.
class AccessFiles {
 public:
  using ReadTokens = std::function<Result<std::vector<AccessToken>>(const std::filesystem::path&)>;

  // `tokens`: empty when there are none.
  AccessFiles(std::vector<CrlSource> crls, std::filesystem::path tokens, ReadTokens read_tokens);

  // At the start, when everything must be right.
  Result<AccessLists> Load();
  // The lists, when something has changed since.
  std::optional<AccessLists> LoadIfChanged();

 private:
  struct Crl {
    CrlSource source;
    std::string seen;  // What it was at the last look, right or wrong.
    std::vector<std::string> revoked;
  };

  Status Look(Crl& crl);
  Status LookForTokens();
  [[nodiscard]] AccessLists Lists() const;

  std::vector<Crl> crls_;
  const std::filesystem::path tokens_file_;
  const ReadTokens read_tokens_;
  std::string tokens_seen_;
  std::vector<AccessToken> tokens_;
  bool changed_ = false;
};

}  // namespace edgefeed
