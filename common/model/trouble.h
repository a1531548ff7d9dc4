#pragma once

#include <string_view>

namespace edgefeed {

// Why there is no connection to the collector: where somebody at the device should look first.
enum class Trouble {
  kDns,       // Its name does not become an address.
  kTcp,       // Nobody answers at the address, or what was connected broke.
  kTls,       // The two sides do not agree on TLS.
  kProtocol,  // What answers there is no collector.
  kAuth,      // The collector does not let this device in …
  kRefused,   // … or refuses it for another reason, which it says.
  kSilent,    // It is there and says nothing.
};

// As programs read it: "dns".
constexpr std::string_view TroubleName(Trouble trouble) {
  switch (trouble) {
    case Trouble::kDns: return "dns";
    case Trouble::kTcp: return "tcp";
    case Trouble::kTls: return "tls";
    case Trouble::kProtocol: return "protocol";
    case Trouble::kAuth: return "auth";
    case Trouble::kRefused: return "refused";
    case Trouble::kSilent: return "silent";
  }
  return "tcp";
}

}  // namespace edgefeed
