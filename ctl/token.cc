#include "ctl/token.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "common/base/json.h"
#include "common/base/units.h"
#include "common/model/device.h"
#include "common/tokens/token_file.h"
#include "common/tokens/token_secret.h"

namespace edgefeed {
namespace {

std::filesystem::path FileOf(const TokenOptions& options) {
  return std::filesystem::absolute(options.file);
}

Result<std::vector<AccessToken>> ReadAll(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::vector<AccessToken>();
  return ReadTokenFile(file);
}

std::string StateOf(const AccessToken& token, WallTime now) {
  return now < token.expires ? "valid" : "expired";
}

void PrintJson(const AccessToken& token, WallTime now, std::ostream& out) {
  JsonLine line;
  line.Add("name", token.name);
  line.Add("role", RoleName(token.role));
  line.Add("expires", FormatTime(token.expires));
  line.Add("state", StateOf(token, now));
  out << line.text() << '\n';
}

}  // namespace

Status RunTokenNew(const CtlOptions& options, const Clock& clock, Console& console) {
  const TokenOptions& asked = options.token;
  if (const Status good = CheckDeviceName(asked.name); !good) {
    return Error{Code::kInvalidArgument, "token: a name has 1-128 of [A-Za-z0-9._:-]"};
  }
  const auto file = FileOf(asked);
  auto tokens = ReadAll(file);
  if (!tokens) return tokens.error();
  const WallTime now = clock.Wall();
  const auto same = std::ranges::find(*tokens, asked.name, &AccessToken::name);
  if (same != tokens->end() && now < same->expires) {
    return Error{Code::kAlreadyExists, file.string() + ": '" + asked.name + "' has a token until " +
                                           FormatTime(same->expires) +
                                           " (edgefeedctl token rm takes it away)"};
  }
  if (same != tokens->end()) tokens->erase(same);
  const auto secret = NewTokenSecret();
  if (!secret) return secret.error();
  tokens->push_back({.name = asked.name,
                     .role = asked.role,
                     .sha256 = Sha256Of(*secret),
                     .expires = now + asked.lasts});
  if (const Status written = WriteTokenFile(file, *tokens); !written) return written;
  console.out << *secret << '\n';
  console.err << RoleName(asked.role) << " '" << asked.name << "' until "
              << FormatTime(tokens->back().expires) << ", in " << file.string()
              << "; the token above is kept nowhere else\n";
  return {};
}

Status RunTokenList(const CtlOptions& options, const Clock& clock, Console& console) {
  const auto tokens = ReadTokenFile(FileOf(options.token));
  if (!tokens) return tokens.error();
  const WallTime now = clock.Wall();
  if (options.json) {
    for (const AccessToken& token : *tokens) PrintJson(token, now, console.out);
    return {};
  }
  for (const AccessToken& token : *tokens) {
    console.out << token.name << "  " << RoleName(token.role) << "  " << FormatTime(token.expires)
                << "  " << StateOf(token, now) << '\n';
  }
  return {};
}

Status RunTokenRemove(const CtlOptions& options, Console& console) {
  const auto file = FileOf(options.token);
  auto tokens = ReadTokenFile(file);
  if (!tokens) return tokens.error();
  const auto found = std::ranges::find(*tokens, options.token.name, &AccessToken::name);
  if (found == tokens->end()) {
    return Error{Code::kNotFound, file.string() + ": '" + options.token.name +
                                      "' has no token (edgefeedctl token ls lists them)"};
  }
  tokens->erase(found);
  if (const Status written = WriteTokenFile(file, *tokens); !written) return written;
  console.err << "'" << options.token.name << "' has no token any more, in " << file.string()
              << "; the collector knows within 10 s\n";
  return {};
}

}  // namespace edgefeed
