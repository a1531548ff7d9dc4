#include "agent/app/enrolment.h"

#include <algorithm>
#include <utility>

#include "agent/enrol/pinned_authority.h"
#include "agent/rpc/enrol_client.h"
#include "common/base/file.h"
#include "common/base/units.h"
#include "common/pki/request.h"

namespace edgefeed {
namespace {

// What a collector sends is looked at before it takes the place of what is in use.
Result<Certificate> CheckAnswer(const EnrolAnswer& answer, const std::string& ca_pem,
                                const Key& key, const Endpoint& collector) {
  const std::string who = ToString(collector);
  auto certificate = Certificate::FromPem(who, answer.certificate);
  if (!certificate) return certificate;
  const auto authorities = Certificate::AllFromPem(ca_pem);
  const bool is_issued = std::ranges::any_of(
      authorities, [&](const Certificate& one) { return certificate->IsIssuedBy(one); });
  if (is_issued && BelongTogether(*certificate, key)) return certificate;
  return Error{Code::kDataLoss,
               who + ": the certificate that it sent is not one of its CA for this device's key"};
}

Error NoCertificate(const Error& error) {
  return {error.code, error.message +
                          ": this device has no certificate to renew: enrol it "
                          "(edgefeed-agent enrol --help)"};
}

Identity IdentityFrom(const Certificate& certificate) {
  return {.serial = certificate.Serial(), .not_after = certificate.NotAfter()};
}

}  // namespace

IdentityFiles IdentityOf(const AgentConfig& config, const std::filesystem::path& file) {
  const std::filesystem::path directory = file.parent_path();
  TlsFiles tls = config.tls.value_or(TlsFiles{});
  if (tls.ca.empty()) tls.ca = directory / "ca.pem";
  if (tls.cert.empty()) tls.cert = directory / "agent.pem";
  if (tls.key.empty()) tls.key = directory / "agent.key";
  return {std::move(tls), file};
}

Result<Identity> EnrolDevice(const IdentityFiles& files, const EnrolToken& token,
                             const std::string& device, const Endpoint& collector, WallTime now) {
  // First what can fail here, before anybody knows of it.
  const auto key = files.KeyToEnrol(token.id);
  if (!key) return key.error();
  const auto request = MakeRequest(*key);
  if (!request) return request.error();
  const auto chain = FetchPresentedChain(collector);
  if (!chain) return chain.error();
  const auto authority = PinnedAuthority(*chain, token.authority, collector, now);
  if (!authority) return authority.error();
  const auto ca_pem = authority->Pem();
  if (!ca_pem) return ca_pem.error();
  const auto answer =
      AskToEnrol(collector, *ca_pem, {.token = ToString(token), .csr = *request, .device = device});
  if (!answer) return answer.error();
  const auto certificate = CheckAnswer(*answer, *ca_pem, *key, collector);
  if (!certificate) return certificate.error();
  const Status done = files.TakeOver(*ca_pem, answer->certificate,
                                     {.collector = ToString(collector), .token_id = token.id});
  if (!done) return done.error();
  return IdentityFrom(*certificate);
}

WallTime RenewedFrom(const Certificate& certificate) {
  const auto life = certificate.NotAfter() - certificate.NotBefore();
  return certificate.NotAfter() - life / 3;
}

Result<std::optional<Identity>> RenewDevice(const IdentityFiles& files, const Endpoint& collector,
                                            Renewal renewal, WallTime now) {
  const TlsFiles& tls = files.tls();
  const auto old = ReadCertificate(tls.cert);
  if (!old) return NoCertificate(old.error());
  const Status in_time = CheckTime(*old, "this device", now);
  if (!in_time && now >= old->NotAfter()) {
    return Error{in_time.error().code,
                 in_time.error().message + ": enrol the device again, with a new token"};
  }
  if (!in_time) return in_time.error();
  if (renewal == Renewal::kWhenNeeded && now < RenewedFrom(*old)) return std::optional<Identity>();
  const auto key = ReadKey(tls.key);
  if (!key) return key.error();
  TlsPem own;
  for (const auto& [file, text] : {std::pair(&tls.ca, &own.ca), std::pair(&tls.cert, &own.cert),
                                   std::pair(&tls.key, &own.key)}) {
    auto pem = ReadSmallFile(*file);
    if (!pem) return pem.error();
    *text = *std::move(pem);
  }
  const auto request = MakeRequest(*key);
  if (!request) return request.error();
  const auto answer = AskToRenew(collector, own, *request);
  if (!answer) return answer.error();
  const auto certificate = CheckAnswer(*answer, own.ca, *key, collector);
  if (!certificate) return certificate.error();
  if (Status done = files.ReplaceCertificate(answer->certificate); !done) return done.error();
  return std::optional(IdentityFrom(*certificate));
}

}  // namespace edgefeed
