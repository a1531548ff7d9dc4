#include "agent/rpc/enrol_client.h"

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/pki/issuer.h"
#include "common/rpc/credentials.h"
#include "common/rpc/grpc_process.h"
#include "common/rpc/status.h"
#include "enrolment.grpc.pb.h"

namespace edgefeed {
namespace {

constexpr std::chrono::seconds kPatience{20};

// What the other side showed, from gRPC's thread.
class SeenChain {
 public:
  void Set(std::string pem) {
    std::atomic_store(&pem_, std::make_shared<const std::string>(std::move(pem)));
  }
  [[nodiscard]] std::string Get() const {
    const auto pem = std::atomic_load(&pem_);
    return pem ? *pem : "";
  }

 private:
  std::shared_ptr<const std::string> pem_;
};

// Looks, and ends the handshake, whoever it is.
class LookOnly final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit LookOnly(std::shared_ptr<SeenChain> seen) : seen_(std::move(seen)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/, grpc::Status* status) override {
    const grpc::string_ref chain = request->peer_cert_full_chain();
    seen_->Set({chain.data(), chain.size()});
    *status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "only looked");
    return true;
  }
  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  const std::shared_ptr<SeenChain> seen_;
};

// Of an authority that nobody belongs to. gRPC wants some to believe, even if it is told to verify
// nothing, and looks for the system's, which boards do without.
Result<std::string> NobodysAuthority() {
  const WallTime long_ago;
  const auto nobody = Issuer::Create("nobody", long_ago, long_ago);
  if (!nobody) return nobody.error();
  return nobody->certificate().Pem();
}

std::shared_ptr<grpc::ChannelCredentials> LookingCredentials(std::shared_ptr<SeenChain> seen,
                                                             const std::string& authority) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(authority));
  options.watch_root_certs();
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      grpc::experimental::ExternalCertificateVerifier::Create<LookOnly>(std::move(seen)));
  return grpc::experimental::TlsCredentials(options);
}

std::unique_ptr<Enrolment::Stub> StubFor(
    const Endpoint& collector, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  return Enrolment::NewStub(grpc::CreateChannel(ToString(collector), credentials));
}

// One call, and what came of it.
struct EnrolCall {
  EnrolCall() {
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                      gpr_time_from_seconds(kPatience.count(), GPR_TIMESPAN)));
  }

  grpc::ClientContext context;
  EnrolReply reply;
  grpc::Status status;
};

Error WhyNot(const Endpoint& collector, const EnrolCall& call) {
  Error why = FromGrpc(call.status, call.context).Wrap(ToString(collector));
  if (why.retry_after.count() > 0) {
    why.message += " (ask again in " + FormatDuration(why.retry_after) + ")";
  }
  return why;
}

Result<EnrolAnswer> AnswerOf(const Endpoint& collector, const EnrolCall& call) {
  if (!call.status.ok()) return WhyNot(collector, call);
  return EnrolAnswer{.certificate = call.reply.certificate(), .ca = call.reply.ca()};
}

}  // namespace

Result<std::string> FetchPresentedChain(const Endpoint& collector) {
  PrepareGrpc();
  const auto seen = std::make_shared<SeenChain>();
  const auto authority = NobodysAuthority();
  if (!authority) return authority.error();
  const auto stub = StubFor(collector, LookingCredentials(seen, *authority));
  EnrolCall call;
  call.status = stub->Enrol(&call.context, EnrolRequest(), &call.reply);
  if (const std::string chain = seen->Get(); !chain.empty()) return chain;
  if (!call.status.ok()) return WhyNot(collector, call);
  return Error{Code::kInternal, ToString(collector) + ": showed no certificate"};
}

Result<EnrolAnswer> AskToEnrol(const Endpoint& collector, const std::string& ca_pem,
                               const EnrolQuestion& question) {
  const TlsPem believed{.ca = ca_pem, .cert = {}, .key = {}};
  const auto stub = StubFor(collector, ClientCredentials(&believed));
  EnrolRequest request;
  request.set_token(question.token);
  request.set_csr(question.csr);
  request.set_service_name(question.device);
  EnrolCall call;
  call.status = stub->Enrol(&call.context, request, &call.reply);
  return AnswerOf(collector, call);
}

Result<EnrolAnswer> AskToRenew(const Endpoint& collector, const TlsPem& own,
                               const std::string& csr) {
  PrepareGrpc();
  const auto stub = StubFor(collector, ClientCredentials(&own));
  RenewRequest request;
  request.set_csr(csr);
  EnrolCall call;
  call.status = stub->Renew(&call.context, request, &call.reply);
  return AnswerOf(collector, call);
}

}  // namespace edgefeed
