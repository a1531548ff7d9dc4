// bench-certificates: an authority, a collector's certificate and one of each device, as
// support/certificates.h describes them.

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "bench/support/certificates.h"
#include "common/base/clock.h"
#include "common/pki/issuer.h"

namespace edgefeed::bench {
namespace {

struct Options {
  std::filesystem::path directory;
  std::size_t devices = 0;
  std::size_t hostile = 0;
  std::string algorithm = "p256";
};

constexpr std::chrono::hours kLifetime{48};
constexpr unsigned kRsaBits = 2048;

// Not on stable storage: a thousand files would take a minute.
Status Write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  return stream.flush() ? Status() : Error{Code::kInternal, file.string() + ": cannot be written"};
}

// Ours are all of P-256; the others are there to be compared with.
Result<Key> GenerateKey(const std::string& algorithm) {
  if (algorithm == "p256") return Key::Generate();
  EVP_PKEY* const key = algorithm == "ed25519" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                               : EVP_RSA_gen(kRsaBits);
  if (key == nullptr) return Error{Code::kInternal, "cannot make a key of " + algorithm};
  return Key(key);
}

class Maker {
 public:
  Maker(const Issuer& issuer, const Key& key, std::filesystem::path directory)
      : issuer_(issuer), key_(key), directory_(std::move(directory)) {}

  [[nodiscard]] Status Make(const std::string& file, CertificateProfile profile) const {
    profile.common_name = file;
    const WallTime now = SystemClock().Wall();
    const auto certificate = issuer_.Issue(profile, key_, now, now + kLifetime);
    if (!certificate) return certificate.error();
    const auto pem = certificate->Pem();
    if (!pem) return pem.error();
    return Write(directory_ / (file + ".pem"), *pem);
  }
  [[nodiscard]] Status MakeDevices(const std::string& prefix, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = prefix + FiveDigits(i);
      const Status made = Make(name, {.uris = {"edgefeed://device/" + name}});
      if (!made) return made;
    }
    return {};
  }

 private:
  const Issuer& issuer_;
  const Key& key_;
  const std::filesystem::path directory_;
};

Status Main(const Options& options) {
  std::filesystem::create_directories(options.directory);
  const WallTime now = SystemClock().Wall();
  const auto issuer = Issuer::Create("bench", now, now + kLifetime);
  if (!issuer) return issuer.error();
  const auto key = GenerateKey(options.algorithm);
  if (!key) return key.error();
  const auto authority = issuer->certificate().Pem();
  if (!authority) return authority.error();
  const auto secret = key->PrivatePem();
  if (!secret) return secret.error();
  if (const Status wrote = Write(options.directory / "key.pem", *secret); !wrote) return wrote;
  if (const Status wrote = Write(options.directory / "ca.pem", *authority); !wrote) return wrote;
  const Maker maker(*issuer, *key, options.directory);
  Status collector =
      maker.Make("collector", {.addresses = {"127.0.0.1"}, .purpose = CertificatePurpose::kServer});
  if (!collector) return collector;
  Status viewer = maker.Make("viewer", {.uris = {"edgefeed://viewer/bench"}});
  if (!viewer) return viewer;
  if (const Status made = maker.MakeDevices("bench-", options.devices); !made) return made;
  return maker.MakeDevices("hostile-", options.hostile);
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Makes certificates for benchmarks.", "bench-certificates");
  edgefeed::bench::Options options;
  app.add_option("--directory", options.directory, "Where they go")->required();
  app.add_option("--devices", options.devices, "Of bench-00000 and so on")->capture_default_str();
  app.add_option("--hostile", options.hostile, "Of hostile-00000 and so on")->capture_default_str();
  app.add_option("--algorithm", options.algorithm, "Of the keys")
      ->capture_default_str()
      ->check(CLI::IsMember({"p256", "ed25519", "rsa2048"}));
  CLI11_PARSE(app, argc, argv);
  ::umask(0077);  // Programs refuse a key that every user can read.
  if (const auto status = edgefeed::bench::Main(options); !status) {
    std::fprintf(stderr, "bench-certificates: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
