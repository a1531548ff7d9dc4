#include "ctl/config.h"

#include "common/config/scalars.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {
namespace {

void ReadTls(YamlReader& reader, TlsFiles& tls) {
  const auto path = PathIn(reader.directory());
  reader.Read("ca", tls.ca, path);
  reader.Read("cert", tls.cert, path);
  reader.Read("key", tls.key, path);
}

}  // namespace

Result<CtlConfig> LoadCtlConfig(const std::filesystem::path& file, const Environment& environment) {
  CtlConfig config;
  const Status read = ReadYamlFile(file, environment, [&config](YamlReader& root) {
    root.Read("collector", config.collector, ParseEndpoint);
    root.Section("tls", [&config](YamlReader& tls) { ReadTls(tls, config.tls); });
    root.Read("token", config.token, PathIn(root.directory()));
    root.Read("allow_plaintext", config.allow_plaintext, ParseBool);
  });
  if (!read) return read.error();
  return config;
}

}  // namespace edgefeed
