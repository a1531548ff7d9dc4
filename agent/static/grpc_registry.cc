// What of gRPC the static agent has: a client that finds its collector by DNS or address, over TCP
// and TLS. gRPC's own list (src/core/plugin_registry/grpc_plugin_registry.cc) names all that gRPC
// can do, xDS, RLS and grpclb among it, and with the names comes the code.
// This list takes its place. The names are internal to gRPC 1.51: should a later one have others,
// the linker says so.

// NOLINTBEGIN(misc-use-internal-linkage): gRPC has them, and calls the last.
namespace grpc_core {

class CoreConfiguration {
 public:
  class Builder;
};
using Builder = CoreConfiguration::Builder;

void BuildClientChannelConfiguration(Builder* builder);
void RegisterAresDnsResolver(Builder* builder);
void RegisterBuiltins(Builder* builder);
void RegisterChannelIdleFilters(Builder* builder);
void RegisterClientAuthorityFilter(Builder* builder);
void RegisterDeadlineFilter(Builder* builder);
void RegisterHttpConnectHandshaker(Builder* builder);
void RegisterHttpFilters(Builder* builder);
void RegisterHttpProxyMapper(Builder* builder);
void RegisterMessageSizeFilter(Builder* builder);
void RegisterPickFirstLbPolicy(Builder* builder);
void RegisterResourceQuota(Builder* builder);
void RegisterSecurityFilters(Builder* builder);
void RegisterServiceConfigChannelArgFilter(Builder* builder);
void RegisterSockaddrResolver(Builder* builder);
void RegisterTCPConnectHandshaker(Builder* builder);
void SecurityRegisterHandshakerFactories(Builder* builder);

}  // namespace grpc_core

namespace grpc_event_engine::experimental {
void RegisterEventEngineChannelArgPreconditioning(grpc_core::Builder* builder);
}  // namespace grpc_event_engine::experimental

namespace grpc_core {

// In the order of gRPC's own, which matters.
void BuildCoreConfiguration(Builder* builder) {
  grpc_event_engine::experimental::RegisterEventEngineChannelArgPreconditioning(builder);
  RegisterHttpConnectHandshaker(builder);
  RegisterTCPConnectHandshaker(builder);
  RegisterPickFirstLbPolicy(builder);
  BuildClientChannelConfiguration(builder);
  SecurityRegisterHandshakerFactories(builder);
  RegisterClientAuthorityFilter(builder);
  RegisterChannelIdleFilters(builder);
  RegisterHttpFilters(builder);
  RegisterDeadlineFilter(builder);
  RegisterMessageSizeFilter(builder);
  RegisterServiceConfigChannelArgFilter(builder);
  RegisterResourceQuota(builder);
  RegisterAresDnsResolver(builder);
  RegisterSockaddrResolver(builder);
  RegisterHttpProxyMapper(builder);
  RegisterSecurityFilters(builder);
  RegisterBuiltins(builder);
}

}  // namespace grpc_core
// NOLINTEND(misc-use-internal-linkage)
