#include "common/tokens/token_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "common/config/scalars.h"
#include "common/config/yaml_reader.h"
#include "common/digest/digest_text.h"
#include "common/model/device.h"

namespace edgefeed {
namespace {

Result<Sha256Digest> ParseDigest(std::string_view text) {
  if (const auto digest = ParseSha256(text)) return *digest;
  return Error{Code::kInvalidArgument, "wants the 64 hexadecimal digits of a SHA-256"};
}

Result<Role> ParsePersonRole(std::string_view text) {
  const auto role = RoleFrom(text);
  if (role && *role != Role::kDevice) return *role;
  return NotA(text, "viewer, operator or admin");
}

Result<std::string> ParseName(std::string_view text) {
  if (const Status good = CheckDeviceName(text); !good) {
    return NotA(text, "a name of 1-128 of [A-Za-z0-9._:-]");
  }
  return std::string(text);
}

// What the text has at `at`, so many digits.
std::optional<int> DigitsAt(std::string_view text, std::size_t at, std::size_t count) {
  return ParseNumber<int>(text.substr(at, count));
}

// "2027-02-26T10:00:00Z", with a fraction or without.
Result<WallTime> ParseInstant(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  bool is_good = text.size() > kForm.size() && text.back() == 'Z';
  for (std::size_t i = 0; is_good && i < kForm.size(); ++i) {
    is_good = kForm[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
  }
  const std::string_view fraction =
      is_good ? text.substr(kForm.size(), text.size() - kForm.size() - 1) : std::string_view();
  is_good = is_good && (fraction.empty() || fraction.front() == '.');
  if (is_good) {
    const std::chrono::year_month_day day(
        std::chrono::year(*DigitsAt(text, 0, 4)),
        std::chrono::month(static_cast<unsigned>(*DigitsAt(text, 5, 2))),
        std::chrono::day(static_cast<unsigned>(*DigitsAt(text, 8, 2))));
    if (day.ok()) {
      return WallTime(std::chrono::sys_days(day)) + std::chrono::hours(*DigitsAt(text, 11, 2)) +
             std::chrono::minutes(*DigitsAt(text, 14, 2)) +
             std::chrono::seconds(*DigitsAt(text, 17, 2));
    }
  }
  return NotA(text, "a time like 2027-02-26T10:00:00Z");
}

AccessToken ReadToken(YamlReader& item, std::set<std::string>& names) {
  AccessToken token;
  item.Read("name", token.name, ParseName);
  item.Read("role", token.role, ParsePersonRole);
  item.Read("sha256", token.sha256, ParseDigest);
  item.Read("expires", token.expires, ParseInstant);
  for (const char* key : {"name", "role", "sha256", "expires"}) item.Require(key);
  if (!token.name.empty() && !names.insert(token.name).second) {
    item.Report("name", "'" + token.name + "' has a token already");
  }
  return token;
}

// A new file belongs to whoever made it; the collector reads it by its group.
Status KeepAccess(const std::filesystem::path& file, const std::optional<struct stat>& before) {
  if (::chmod(file.c_str(), 0640) != 0) return ErrnoError(file.string(), errno);
  // Only root may give a file away. Anybody else is its owner already, or replaces it with his own.
  if (before && ::geteuid() == 0 && ::chown(file.c_str(), before->st_uid, before->st_gid) != 0) {
    return ErrnoError(file.string(), errno);
  }
  return {};
}

}  // namespace

Result<std::vector<AccessToken>> ReadTokenFile(const std::filesystem::path& file) {
  std::vector<AccessToken> tokens;
  std::set<std::string> names;
  const Environment nothing = [](const std::string&) { return std::optional<std::string>(); };
  const Status read = ReadYamlFile(file, nothing, [&](YamlReader& root) {
    root.ReadItems("tokens", tokens, [&](YamlReader& item) { return ReadToken(item, names); });
  });
  if (!read) return read.error();
  return tokens;
}

std::string TokenFileText(const std::vector<AccessToken>& tokens) {
  std::string text =
      "# Who may ask the collector, by the digest of a secret that is kept nowhere.\n"
      "# Made by edgefeedctl token; the collector reads it again within 10 s.\n"
      "tokens:";
  text += tokens.empty() ? " []\n" : "\n";
  for (const AccessToken& token : tokens) {
    text += "  - {name: \"" + token.name + "\", role: " + std::string(RoleName(token.role)) +
            ", sha256: \"" + ToString(token.sha256) + "\", expires: \"" +
            FormatTime(token.expires) + "\"}\n";
  }
  return text;
}

Status WriteTokenFile(const std::filesystem::path& file, const std::vector<AccessToken>& tokens) {
  struct stat found{};
  std::optional<struct stat> before;
  if (::stat(file.c_str(), &found) == 0) before = found;
  if (const Status replaced = ReplaceFile(file, TokenFileText(tokens)); !replaced) return replaced;
  return KeepAccess(file, before);
}

}  // namespace edgefeed
