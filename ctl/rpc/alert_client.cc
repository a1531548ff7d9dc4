#include "ctl/rpc/alert_client.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "alerts.grpc.pb.h"
#include "common/rpc/status.h"
#include "ctl/explain.h"
#include "ctl/rpc/deadline.h"
#include "ctl/rpc/json.h"
#include "ctl/rpc/messages.h"

namespace edgefeed {
namespace {

// As people read them; empty for those that say nothing.
std::string Word(AlertSuppression suppressed) {
  switch (suppressed) {
    case ALERT_SUPPRESSION_SILENCED: return "silenced";
    case ALERT_SUPPRESSION_INHIBITED: return "inhibited";
    case ALERT_SUPPRESSION_WAITS_FOR_PARENT: return "waits for parent";
    case ALERT_SUPPRESSION_FLAPPING: return "flapping";
    case ALERT_SUPPRESSION_ACKNOWLEDGED: return "acknowledged";
    default: return "";
  }
}

std::string Word(AlertHistoryChange change) {
  switch (change) {
    case ALERT_HISTORY_CHANGE_FIRED: return "fired";
    case ALERT_HISTORY_CHANGE_ESCALATED: return "escalated";
    case ALERT_HISTORY_CHANGE_DEESCALATED: return "deescalated";
    case ALERT_HISTORY_CHANGE_RESOLVED: return "resolved";
    case ALERT_HISTORY_CHANGE_NO_DATA: return "no data";
    case ALERT_HISTORY_CHANGE_DATA_BACK: return "data back";
    default: return "changed";
  }
}

AlertPhase PhaseOf(AlertState state) {
  if (state == ALERT_STATE_RESOLVED) return AlertPhase::kResolved;
  return state == ALERT_STATE_NO_DATA ? AlertPhase::kNoData : AlertPhase::kFiring;
}

AlertEntry FromWire(const ActiveAlert& wire, JsonForm json) {
  return {.id = wire.id(),
          .device = wire.service_name(),
          .rule = wire.rule(),
          .series = edgefeed::FromWire(wire.series()),
          .phase = PhaseOf(wire.state()),
          .severity = wire.severity(),
          .message = wire.message(),
          .started = FromUnixMillis(wire.started_ms()),
          .change = {},
          .at = FromUnixMillis(wire.updated_ms()),
          .suppressed = Word(wire.suppressed()),
          .acknowledged_by = wire.acknowledgement().author(),
          .comment = wire.acknowledgement().comment(),
          .late = wire.late(),
          .json = ToJson(wire, json)};
}

AlertEntry FromWire(const AlertHistoryEntry& wire, JsonForm json) {
  AlertEntry entry;
  entry.id = wire.id();
  entry.device = wire.service_name();
  entry.rule = wire.rule();
  entry.series = edgefeed::FromWire(wire.series());
  entry.severity = wire.severity();
  entry.message = wire.message();
  entry.change = Word(wire.change());
  entry.at = FromUnixMillis(wire.at_ms());
  entry.suppressed = Word(wire.suppressed());
  entry.late = wire.late();
  entry.json = ToJson(wire, json);
  return entry;
}

SilenceEntry FromWire(const AlertSilence& wire, JsonForm json) {
  SilenceEntry entry;
  entry.number = wire.number();
  for (const SilenceMatcher& matcher : wire.matchers()) {
    const bool is_like = matcher.kind() == SilenceMatcher::LIKE;
    const bool is_not = matcher.kind() == SilenceMatcher::NOT_EQUAL;
    entry.matches.push_back({.field = matcher.field(),
                             .relation = is_like ? "=~" : (is_not ? "!=" : "="),
                             .value = matcher.value()});
  }
  entry.author = wire.author();
  entry.comment = wire.comment();
  entry.created = FromUnixMillis(wire.created_ms());
  entry.expires = FromUnixMillis(wire.expires_ms());
  entry.window = wire.window();
  entry.holds = wire.holds();
  entry.json = ToJson(wire, json);
  return entry;
}

AlertSilence ToWire(const SilenceEntry& silence) {
  AlertSilence wire;
  for (const SilenceMatch& match : silence.matches) {
    SilenceMatcher* added = wire.add_matchers();
    added->set_field(match.field);
    added->set_value(match.value);
    if (match.relation == "!=") added->set_kind(SilenceMatcher::NOT_EQUAL);
    if (match.relation == "=~") added->set_kind(SilenceMatcher::LIKE);
  }
  wire.set_author(silence.author);
  wire.set_comment(silence.comment);
  wire.set_expires_ms(UnixMillis(silence.expires));
  wire.set_window(silence.window);
  return wire;
}

void ToWire(const AlertName& alert, AlertSelector& wire) {
  wire.set_id(alert.id);
  wire.set_service_name(alert.device);
  wire.set_rule(alert.rule);
}

class GrpcAlertClient final : public AlertClient {
 public:
  GrpcAlertClient(const std::shared_ptr<grpc::Channel>& channel, ClientOptions options)
      : options_(std::move(options)), stub_(AlertService::NewStub(channel)) {}

  Result<std::vector<AlertEntry>> ListAlerts(const std::string& device,
                                             const std::string& severity) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    ListAlertsRequest request;
    request.set_service_name(device);
    request.set_severity(severity);
    return ReadAll<AlertEntry, ActiveAlert>(context, *stub_->ListAlerts(&context, request));
  }

  Error WatchAlerts(const std::string& device,
                    const std::function<void(const AlertEntry&)>& take) override {
    grpc::ClientContext context;
    WatchAlertsRequest request;
    request.set_service_name(device);
    const auto reader = stub_->WatchAlerts(&context, request);
    for (WatchAlertsResponse response; reader->Read(&response);) {
      if (response.has_alert()) take(FromWire(response.alert(), options_.json));
    }
    const grpc::Status status = reader->Finish();
    if (!status.ok()) return Failure(status, context);
    return {Code::kUnavailable, "the collector ended the stream"};
  }

  Result<std::vector<AlertEntry>> ListAlertHistory(const AlertPastQuery& query) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    ListAlertHistoryRequest request;
    request.set_from_ms(UnixMillis(query.from));
    request.set_to_ms(UnixMillis(query.to));
    request.set_service_name(query.device);
    request.set_rule(query.rule);
    request.set_limit(query.limit);
    return ReadAll<AlertEntry, AlertHistoryEntry>(context,
                                                  *stub_->ListAlertHistory(&context, request));
  }

  Result<SilenceEntry> AddSilence(const SilenceEntry& silence) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    AddSilenceRequest request;
    *request.mutable_silence() = ToWire(silence);
    AlertSilence response;
    const grpc::Status status = stub_->AddSilence(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return FromWire(response, options_.json);
  }

  Result<std::vector<SilenceEntry>> ListSilences() override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    return ReadAll<SilenceEntry, AlertSilence>(context, *stub_->ListSilences(&context, {}));
  }

  Result<SilenceEntry> ExpireSilence(std::uint64_t number) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    ExpireSilenceRequest request;
    request.set_number(number);
    AlertSilence response;
    const grpc::Status status = stub_->ExpireSilence(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return FromWire(response, options_.json);
  }

  Result<std::vector<AlertEntry>> Acknowledge(const AcknowledgeRequestEntry& entry) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    AcknowledgeRequest request;
    ToWire(entry.alert, *request.mutable_alert());
    request.set_author(entry.author);
    request.set_comment(entry.comment);
    if (entry.expires) request.set_expires_ms(UnixMillis(*entry.expires));
    AcknowledgeResponse response;
    const grpc::Status status = stub_->Acknowledge(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return AlertsOf(response);
  }

  Result<std::vector<AlertEntry>> Unacknowledge(const AlertName& alert) override {
    grpc::ClientContext context;
    SetDeadline(context, options_.timeout);
    UnacknowledgeRequest request;
    ToWire(alert, *request.mutable_alert());
    AcknowledgeResponse response;
    const grpc::Status status = stub_->Unacknowledge(&context, request, &response);
    if (!status.ok()) return Failure(status, context);
    return AlertsOf(response);
  }

 private:
  template <typename Entry, typename Message>
  Result<std::vector<Entry>> ReadAll(const grpc::ClientContext& context,
                                     grpc::ClientReader<Message>& reader) {
    std::vector<Entry> entries;
    for (Message message; reader.Read(&message);)
      entries.push_back(FromWire(message, options_.json));
    if (const grpc::Status status = reader.Finish(); !status.ok()) return Failure(status, context);
    return entries;
  }

  [[nodiscard]] std::vector<AlertEntry> AlertsOf(const AcknowledgeResponse& response) const {
    std::vector<AlertEntry> alerts;
    for (const ActiveAlert& alert : response.alerts()) {
      alerts.push_back(FromWire(alert, options_.json));
    }
    return alerts;
  }

  [[nodiscard]] Error Failure(const grpc::Status& status,
                              const grpc::ClientContext& context) const {
    return Explain(FromGrpc(status, context), options_.collector);
  }

  ClientOptions options_;
  std::unique_ptr<AlertService::Stub> stub_;
};

}  // namespace

std::unique_ptr<AlertClient> MakeGrpcAlertClient(const std::shared_ptr<grpc::Channel>& channel,
                                                 const ClientOptions& options) {
  return std::make_unique<GrpcAlertClient>(channel, options);
}

}  // namespace edgefeed
