#include "collector/rpc/call_gate.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "collector/rpc/peer.h"

namespace edgefeed {
namespace {

// A port asks for certificates only to verify them: whose certificate is here has shown its key.
Credentials ShownBy(const grpc::CallbackServerContext& context) {
  Credentials shown;
  const auto found = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!found.empty()) shown.certificate.assign(found.front().data(), found.front().size());
  const auto& metadata = context.client_metadata();
  if (const auto header = metadata.find("authorization"); header != metadata.end()) {
    shown.authorization.assign(header->second.data(), header->second.size());
  }
  return shown;
}

// Ends the call with this status. It keeps the call itself, not its context, which goes when the
// call is done: to cancel a call that is done does nothing.
OpenCalls::End EndOf(grpc::CallbackServerContext& context) {
  grpc_call* const call = context.c_call();
  grpc_call_ref(call);
  return [kept = std::shared_ptr<grpc_call>(call, grpc_call_unref)](const Error& why) {
    grpc_call_cancel_with_status(kept.get(), static_cast<grpc_status_code>(why.code),
                                 why.message.c_str(), nullptr);
  };
}

}  // namespace

Result<Admitted> CallGate::Admit(grpc::CallbackServerContext& context, Method method,
                                 std::string_view object) const {
  CallAtDoor call{.method = method, .address = PeerAddress(context.peer())};
  auto caller = access_.Enter(ShownBy(context), policy_, call, object);
  if (!caller) return caller.error();
  auto place = access_.TakePlace(*caller, method);
  if (!place) return place.error();
  auto entry = access_.Watch(*caller, call, EndOf(context));
  return std::make_unique<const Admission>(access_, *std::move(caller), std::move(call),
                                           std::move(entry), *std::move(place));
}

Result<Admitted> CallGate::AdmitFor(grpc::CallbackServerContext& context, Method method,
                                    std::string_view device) const {
  auto admitted = Admit(context, method, device);
  if (!admitted) return admitted;
  if (const Status may = (*admitted)->ActAs(device); !may) return may.error();
  return admitted;
}

}  // namespace edgefeed
