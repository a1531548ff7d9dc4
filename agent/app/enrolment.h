#pragma once

#include <optional>
#include <string>

#include "agent/app/config.h"
#include "agent/enrol/identity_files.h"
#include "common/base/clock.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/digest/enrol_token.h"

namespace edgefeed {

constexpr std::uint16_t kEnrolmentPort = 50053;

// Where this device's identity is, or is to be: the files of `tls`, or agent.pem, agent.key and
// ca.pem beside the configuration.
IdentityFiles IdentityOf(const AgentConfig& config, const std::filesystem::path& file);

// What an enrolment has led to.
struct Identity {
  std::string serial;
  WallTime not_after;
};

// Makes this device `device` of the collector's fleet. `now`: the wall clock.
Result<Identity> EnrolDevice(const IdentityFiles& files, const EnrolToken& token,
                             const std::string& device, const Endpoint& collector, WallTime now);

enum class Renewal { kWhenNeeded, kForced };

// Nothing: it is not time yet.
Result<std::optional<Identity>> RenewDevice(const IdentityFiles& files, const Endpoint& collector,
                                            Renewal renewal, WallTime now);

// From when on the certificate is renewed: when a third of its time is left.
WallTime RenewedFrom(const Certificate& certificate);

}  // namespace edgefeed
