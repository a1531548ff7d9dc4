#pragma once

#include <string>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/tls.h"

// A collector's enrolment port, for commands: each call waits for its answer, 20 s at most. Errors
// name the collector, and say when it wants to be asked again.
namespace edgefeed {

// The certificates that somebody at this address shows in a TLS handshake, PEM, its own first.
// Nobody has verified them; the connection ends there, and nothing is sent on it.
Result<std::string> FetchPresentedChain(const Endpoint& collector);

struct EnrolQuestion {
  std::string token;
  std::string csr;
  std::string device;
};

// PEM.
struct EnrolAnswer {
  std::string certificate;
  std::string ca;
};

// After FetchPresentedChain(). Of a collector whose certificate one of `ca_pem` issued: nobody else
// gets the token.
Result<EnrolAnswer> AskToEnrol(const Endpoint& collector, const std::string& ca_pem,
                               const EnrolQuestion& question);

// As the device that `own` is the certificate and key of; likewise.
Result<EnrolAnswer> AskToRenew(const Endpoint& collector, const TlsPem& own,
                               const std::string& csr);

}  // namespace edgefeed
