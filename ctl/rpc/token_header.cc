#include "ctl/rpc/token_header.h"

#include <utility>

namespace edgefeed {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

class TokenHeader final : public grpc::experimental::Interceptor {
 public:
  explicit TokenHeader(const std::string& header) : header_(header) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace("authorization", header_);
    }
    methods->Proceed();
  }

 private:
  const std::string& header_;
};

class TokenHeaders final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenHeaders(std::string header) : header_(std::move(header)) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new TokenHeader(header_);
  }

 private:
  const std::string header_;
};

}  // namespace

ClientInterceptors ShowToken(const std::string& token) {
  ClientInterceptors interceptors;
  if (!token.empty()) interceptors.push_back(std::make_unique<TokenHeaders>("Bearer " + token));
  return interceptors;
}

}  // namespace edgefeed
