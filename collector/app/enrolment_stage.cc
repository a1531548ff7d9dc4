#include "collector/app/enrolment_stage.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "common/base/file.h"
#include "common/pki/certificate.h"

namespace edgefeed {
namespace {

// Boards believe the CA that their token names, and nobody else.
Status CheckIssuer(const std::filesystem::path& cert, const std::string& ca_pem) {
  const auto pem = ReadSmallFile(cert);
  if (!pem) return pem.error();
  const auto own = Certificate::FromPem(cert.string(), *pem);
  if (!own) return own.error();
  const auto issuer = Certificate::FromPem("ca", ca_pem);
  if (!issuer) return issuer.error();
  if (own->IsIssuedBy(*issuer)) return {};
  return Error{Code::kFailedPrecondition,
               cert.string() +
                   " (tls.cert) was not issued by this CA, so no board that enrols here "
                   "would believe this collector: `edgefeedctl ca issue collector`"};
}

}  // namespace

Result<std::unique_ptr<EnrolmentStage>> EnrolmentStage::Start(const CollectorConfig& config,
                                                              const Parts& parts) {
  std::unique_ptr<EnrolmentStage> stage(new EnrolmentStage(parts.clock));
  if (const Status opened = stage->Open(config, parts); !opened) {
    return opened.error().Wrap("enrolment");
  }
  return stage;
}

Status EnrolmentStage::Open(const CollectorConfig& config, const Parts& parts) {
  auto desk = EnrolDesk::Open(strand_, config.enrolment.authority);
  if (!desk) return desk.error();
  desk_ = *std::move(desk);
  if (const Status issued = CheckIssuer(config.tls->cert, desk_->ca_pem()); !issued) return issued;
  // Who renews shows a certificate of this CA, whatever the other ports want.
  auto tls = parts.tls.Watch("enrolment", "enrolment",
                             TlsFiles{.ca = config.enrolment.authority / "ca.pem",
                                      .cert = config.tls->cert,
                                      .key = config.tls->key});
  if (!tls) return tls.error();
  gate_ = std::make_unique<CallGate>(parts.access, PortPolicy{.port = Port::kEnrolment,
                                                              .certificates = true,
                                                              .tokens = false,
                                                              .other = ToString(config.listen)});
  service_ = std::make_unique<EnrolmentServiceImpl>(*desk_, parts.stats, *gate_);
  auto server = GrpcServer::Start({.listen = *config.enrolment.listen,
                                   .tls = *std::move(tls),
                                   .client_certificates = ClientCertificates::kOptional,
                                   .chain = ShownChain::kWithAuthority,
                                   .limits = config.limits.connections,
                                   .streams_per_connection = config.limits.streams_per_connection},
                                  {service_.get()}, parts.stats);
  if (!server) return server.error();
  server_ = *std::move(server);
  spdlog::info("enrolment on {} (gRPC, TLS)", ToString(server_->listening()));
  return {};
}

EnrolmentStage::~EnrolmentStage() {
  server_.reset();
  RunOn(strand_, [this] { desk_.reset(); });
}

}  // namespace edgefeed
