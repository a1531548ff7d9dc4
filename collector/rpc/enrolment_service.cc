#include "collector/rpc/enrolment_service.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

#include "collector/rpc/refusal.h"
#include "common/base/safe_text.h"
#include "common/base/units.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMostOfAName = 128;

// Nothing: it is no refusal, but a failure of ours.
std::optional<AccessRefusal> RefusalOf(EnrolRefusal reason) {
  switch (reason) {
    case EnrolRefusal::kFailed: break;
    case EnrolRefusal::kRequest: return AccessRefusal::kRequest;
    case EnrolRefusal::kToken: return AccessRefusal::kToken;
    case EnrolRefusal::kExpired: return AccessRefusal::kTokenExpired;
    case EnrolRefusal::kTokenUsed: return AccessRefusal::kTokenUsed;
    case EnrolRefusal::kName: return AccessRefusal::kName;
    case EnrolRefusal::kRevoked: return AccessRefusal::kRevoked;
    case EnrolRefusal::kHasCertificate: return AccessRefusal::kHasCertificate;
    case EnrolRefusal::kTooMany: return AccessRefusal::kTooManyTries;
  }
  return std::nullopt;
}

// One question, answered by the desk. It lives until gRPC is done with it, which is after the
// answer, whether or not the client is still there to hear it.
class EnrolCall final : public grpc::ServerUnaryReactor {
 public:
  EnrolCall(grpc::CallbackServerContext& context, EnrolReply& reply, Admitted admitted,
            std::string device, std::string event, std::atomic<std::uint64_t>& count,
            const std::string& ca_pem)
      : context_(context),
        reply_(reply),
        admitted_(std::move(admitted)),
        device_(std::move(device)),
        event_(std::move(event)),
        count_(count),
        ca_pem_(ca_pem) {}

  // On the desk's strand.
  void Answer(const EnrolOutcome& outcome) {
    if (const auto* denial = std::get_if<EnrolDenial>(&outcome)) return Deny(*denial);
    const auto& enrolled = std::get<Enrolled>(outcome);
    const std::string what = "certificate " + enrolled.serial + ", good until " +
                             FormatTime(enrolled.not_after) + (enrolled.again ? ", again" : "");
    if (!enrolled.again) ++count_;
    admitted_->Note(event_, enrolled.device, what);
    spdlog::info("{} {} from {}: {}", event_, enrolled.device, admitted_->address(), what);
    reply_.set_certificate(enrolled.certificate_pem);
    reply_.set_ca(ca_pem_);
    Finish(grpc::Status::OK);
  }

  void OnDone() override { delete this; }

 private:
  void Deny(const EnrolDenial& denial) {
    const auto refusal = RefusalOf(denial.reason);
    if (refusal) {
      return Finish(ToGrpc(admitted_->Refuse({*refusal, denial.error}, device_), context_));
    }
    admitted_->Note("failed", device_, denial.error.message);
    Finish(ToGrpc(denial.error, context_));
  }

  grpc::CallbackServerContext& context_;
  EnrolReply& reply_;
  const Admitted admitted_;
  const std::string device_;
  const std::string event_;
  std::atomic<std::uint64_t>& count_;
  const std::string& ca_pem_;
};

// As the CA's index has it.
std::string IndexSerial(std::string serial) {
  for (char& digit : serial) digit = static_cast<char>(std::toupper(digit));
  return serial;
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentServiceImpl::Enrol(grpc::CallbackServerContext* context,
                                                      const EnrolRequest* request,
                                                      EnrolReply* reply) {
  // What a stranger says of itself: cut, and harmless for who reads the log.
  std::string device = SafeText(request->service_name().substr(0, kMostOfAName));
  auto admitted = gate_.Admit(*context, Method::kEnrol, device);
  if (!admitted) return Refuse(*context, admitted.error());
  EnrolOrder order{.address = (*admitted)->address(),
                   .token = request->token(),
                   .csr = request->csr(),
                   .device = request->service_name()};
  auto* const call = new EnrolCall(*context, *reply, *std::move(admitted), std::move(device),
                                   "enrolled", stats_.devices_enrolled, desk_.ca_pem());
  desk_.Enrol(std::move(order), [call](const EnrolOutcome& outcome) { call->Answer(outcome); });
  return call;
}

grpc::ServerUnaryReactor* EnrolmentServiceImpl::Renew(grpc::CallbackServerContext* context,
                                                      const RenewRequest* request,
                                                      EnrolReply* reply) {
  auto admitted = gate_.Admit(*context, Method::kRenew);
  if (!admitted) return Refuse(*context, admitted.error());
  const Caller& caller = (*admitted)->caller();
  RenewOrder order{.address = (*admitted)->address(),
                   .caller = {.serial = IndexSerial(caller.serial), .names = caller.names},
                   .csr = request->csr()};
  std::string device = caller.names.empty() ? "" : caller.names.front();
  auto* const call = new EnrolCall(*context, *reply, *std::move(admitted), std::move(device),
                                   "renewed", stats_.certificates_renewed, desk_.ca_pem());
  desk_.Renew(std::move(order), [call](const EnrolOutcome& outcome) { call->Answer(outcome); });
  return call;
}

}  // namespace edgefeed
