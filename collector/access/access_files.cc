#include "collector/access/access_files.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/file.h"
#include "common/pki/crl.h"

namespace edgefeed {
namespace {

// What a file holds, or why it cannot be read: a change of either is a change.
std::string Sight(const std::filesystem::path& file) {
  const auto content = ReadSmallFile(file);
  return content ? "1" + *content : "0" + content.error().message;
}

bool IsReadable(const std::string& sight) { return sight.front() == '1'; }

Error Unreadable(const std::string& sight) { return {Code::kNotFound, sight.substr(1)}; }

}  // namespace

AccessFiles::AccessFiles(std::vector<CrlSource> crls, std::filesystem::path tokens,
                         ReadTokens read_tokens)
    : tokens_file_(std::move(tokens)), read_tokens_(std::move(read_tokens)) {
  for (CrlSource& source : crls) crls_.push_back({std::move(source), {}, {}});
}

Result<AccessLists> AccessFiles::Load() {
  for (Crl& crl : crls_) {
    if (const Status read = Look(crl); !read) return read.error().Wrap("tls.crl");
  }
  if (const Status read = LookForTokens(); !read) return read.error().Wrap("operators.tokens");
  return Lists();
}

std::optional<AccessLists> AccessFiles::LoadIfChanged() {
  changed_ = false;
  for (Crl& crl : crls_) {
    if (const Status read = Look(crl); !read) {
      spdlog::warn("{}; what it said before holds: {} revoked certificates", read.error().message,
                   crl.revoked.size());
    }
  }
  if (const Status read = LookForTokens(); !read) {
    spdlog::warn("{}; what it said before holds: {} tokens", read.error().message, tokens_.size());
  }
  if (!changed_) return std::nullopt;
  return Lists();
}

Status AccessFiles::Look(Crl& crl) {
  const std::string list = Sight(crl.source.crl);
  const std::string ca = Sight(crl.source.ca);
  if (const std::string seen = list + ca; std::exchange(crl.seen, seen) == seen) return {};
  if (!IsReadable(list)) return Unreadable(list);
  if (!IsReadable(ca)) return Unreadable(ca);
  auto revoked = RevokedSerials(crl.source.crl, list.substr(1), ca.substr(1));
  if (!revoked) return revoked.error();
  crl.revoked = *std::move(revoked);
  changed_ = true;
  spdlog::info("{}: {} revoked certificates", crl.source.crl.string(), crl.revoked.size());
  return {};
}

Status AccessFiles::LookForTokens() {
  if (tokens_file_.empty()) return {};
  const std::string sight = Sight(tokens_file_);
  if (std::exchange(tokens_seen_, sight) == sight) return {};
  if (!IsReadable(sight)) return Unreadable(sight);
  auto tokens = read_tokens_(tokens_file_);
  if (!tokens) return tokens.error();
  tokens_ = *std::move(tokens);
  changed_ = true;
  spdlog::info("{}: {} tokens", tokens_file_.string(), tokens_.size());
  return {};
}

AccessLists AccessFiles::Lists() const {
  AccessLists lists{.revoked = {}, .tokens = tokens_};
  for (const Crl& crl : crls_) {
    lists.revoked.insert(lists.revoked.end(), crl.revoked.begin(), crl.revoked.end());
  }
  std::ranges::sort(lists.revoked);
  return lists;
}

}  // namespace edgefeed
