#include "ctl/settings.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

Result<Endpoint> ChooseCollector(const CtlOptions& options, const Preferences& preferences,
                                 const CtlConfig& config) {
  if (options.collector) return *options.collector;
  if (!preferences.collector.empty()) {
    auto endpoint = ParseEndpoint(preferences.collector);
    if (!endpoint) return endpoint.error().Wrap("EDGEFEED_COLLECTOR");
    return endpoint;
  }
  return config.collector.value_or(Target().collector);
}

TlsFiles MergeTls(TlsFiles files, const TlsFiles& over) {
  if (!over.ca.empty()) files.ca = over.ca;
  if (!over.cert.empty()) files.cert = over.cert;
  if (!over.key.empty()) files.key = over.key;
  return files;
}

Status CheckTls(const TlsFiles& files) {
  if (files.cert.empty() != files.key.empty()) {
    return Error{
        Code::kInvalidArgument,
        "a certificate and its key belong together (give both --cert and --key, or tls.cert "
        "and tls.key)"};
  }
  if (files.ca.empty()) {
    return Error{Code::kInvalidArgument,
                 "TLS without a certificate authority to believe (give --ca FILE or tls.ca)"};
  }
  return {};
}

Result<std::string> CheckToken(std::string_view text, const std::string& whence) {
  const std::string_view token = Trim(text);
  if (!token.empty() && token.find_first_of(kBlanks) == std::string_view::npos) {
    return std::string(token);
  }
  return Error{Code::kInvalidArgument, whence + ": is not a token on a line"};
}

Result<std::string> ReadToken(const std::filesystem::path& file) {
  constexpr std::size_t kMost = 4096;
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return ErrnoError(file.string(), errno);
  if ((found.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return Error{Code::kPermissionDenied,
                 file.string() + ": everybody on this host may read this token (chmod 600)"};
  }
  const auto text = ReadSmallFile(file, kMost);
  if (!text) return text.error();
  return CheckToken(*text, file.string());
}

// The option over the environment over the file.
Result<std::string> ChooseToken(const CtlOptions& options, const Preferences& preferences,
                                const CtlConfig& config) {
  if (!options.token_file.empty()) return ReadToken(options.token_file);
  if (!preferences.token.empty()) return CheckToken(preferences.token, "EDGEFEED_TOKEN");
  if (!config.token.empty()) return ReadToken(config.token);
  return std::string();
}

}  // namespace

Result<Target> ResolveTarget(const CtlOptions& options, const Preferences& preferences,
                             const CtlConfig& config) {
  auto collector = ChooseCollector(options, preferences, config);
  if (!collector) return collector.error();
  Target target{.collector = std::move(*collector)};
  const TlsFiles files = MergeTls(config.tls, options.tls);
  if (files != TlsFiles()) {
    if (const Status complete = CheckTls(files); !complete) return complete.error();
    target.tls = files;
  }
  auto token = ChooseToken(options, preferences, config);
  if (!token) return token.error();
  target.token = *std::move(token);
  if (!target.token.empty() && !target.tls && !IsLoopback(target.collector)) {
    return Error{Code::kFailedPrecondition, "a token is not sent in plaintext to " +
                                                ToString(target.collector) +
                                                ", which is not this host (use --ca FILE for TLS)"};
  }
  const bool may_be_plaintext =
      IsLoopback(target.collector) || options.allow_plaintext || config.allow_plaintext;
  if (target.tls || may_be_plaintext) return target;
  return Error{Code::kFailedPrecondition,
               "plaintext to " + ToString(target.collector) +
                   ", which is not this host, is refused (use --ca FILE for TLS, or "
                   "--allow-plaintext where nobody else can listen)"};
}

Result<CtlConfig> FindConfig(const CtlOptions& options, const Preferences& preferences,
                             const Environment& environment) {
  if (!options.config_file.empty()) return LoadCtlConfig(options.config_file, environment);
  for (const std::filesystem::path& file : preferences.config_files) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) return LoadCtlConfig(file, environment);
  }
  return CtlConfig();
}

}  // namespace edgefeed
