#include "collector/rpc/alert_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/rpc/alert_response.h"
#include "collector/rpc/call_place.h"
#include "collector/rpc/paged_list.h"
#include "collector/rpc/peer.h"
#include "collector/rpc/refusal.h"
#include "collector/rpc/watch_alerts.h"
#include "common/base/units.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

constexpr std::uint32_t kDefaultAlerts = 1000;
// Of one page of a list.
constexpr std::size_t kAlertPage = 100;

// Where a list of alerts has come to.
struct AlertPages {
  const AlertBook& book;
  std::string device;
  std::string rule;
  Severity least = Severity::kInfo;
  std::string after;

  Result<std::vector<ActiveAlert>> Next() {
    std::vector<ActiveAlert> page;
    const auto& alerts = book.alerts();
    for (auto it = alerts.upper_bound(after); it != alerts.end() && page.size() < kAlertPage;
         ++it) {
      after = it->first;
      const AlertKey& key = it->second.event.key;
      if (!it->second.now.firing || it->second.now.severity < least) continue;
      if (!device.empty() && key.device != device) continue;
      if (!rule.empty() && key.rule != rule) continue;
      ToWire(it->second, page.emplace_back());
    }
    return page;
  }
};

// Where an answer about the past has come to.
struct HistoryPages {
  const AlertStore& store;
  AlertLogFilter filter;
  std::size_t left;
  AlertLogCursor after;

  Result<std::vector<AlertHistoryEntry>> Next() {
    const auto log = store.Log(filter, after, std::min(left, kAlertPage));
    if (!log) return log.error();
    std::vector<AlertHistoryEntry> page(log->entries.size());
    for (std::size_t i = 0; i < page.size(); ++i) ToWire(log->entries[i], page[i]);
    left -= page.size();
    after = log->last;
    return page;
  }
};

// Where a list of silences has come to.
struct SilencePages {
  const SilenceList& silences;
  std::optional<std::vector<Silence>> list;  // As it was at first.
  std::size_t next = 0;

  Result<std::vector<AlertSilence>> Next() {
    if (!list) list = silences.List();
    std::vector<AlertSilence> page(std::min(kAlertPage, list->size() - next));
    for (AlertSilence& wire : page) ToWire((*list)[next++], silences, wire);
    return page;
  }
};

template <typename Message, typename Pages>
grpc::ServerWriteReactor<Message>* NewAlertList(grpc::CallbackServerContext& context,
                                                const AlertAccess& access, Admitted admitted,
                                                Pages pages) {
  CollectorStats& stats = access.stats;
  auto place = CallPlace::Take(stats.alert_lists_open, access.lists, stats.alert_calls_refused,
                               {.what = "lists", .retry_after = kShortCallsEnd});
  if (!place) return new Refusal<Message>(context, place.error());
  return new PagedList<Message>(context, access.strand, access.longest_write, std::move(admitted),
                                std::move(*place),
                                [pages = std::move(pages)]() mutable { return pages.Next(); });
}

// For the audit.
std::string NameOf(const AlertSelector& selector) {
  if (!selector.id().empty()) return selector.id();
  return selector.service_name() + " " + selector.rule();
}

AlertTarget TargetOf(const AlertSelector& selector) {
  return {.id = selector.id(), .device = selector.service_name(), .rule = selector.rule()};
}

Status CheckTarget(const AlertSelector& selector) {
  const bool by_name = !selector.service_name().empty() && !selector.rule().empty();
  if (!selector.id().empty() || by_name) return {};
  return Error{Code::kInvalidArgument, "alert: wants an id, or a device and a rule"};
}

Status CheckAuthor(const AcknowledgeRequest& request) {
  if (request.author().empty()) {
    return Error{Code::kInvalidArgument, "acknowledgement: says not who (author)"};
  }
  if (std::max(request.author().size(), request.comment().size()) > Silence::kMaxText) {
    return Error{Code::kInvalidArgument,
                 "acknowledgement: author and comment have at most 1024 letters"};
  }
  return {};
}

// A call that is answered once. Both live until then.
struct UnaryCall {
  explicit UnaryCall(grpc::CallbackServerContext& called)
      : context(&called), reactor(called.DefaultReactor()) {}

  void Fail(const Error& why) const { reactor->Finish(ToGrpc(why, *context)); }

  grpc::CallbackServerContext* context;
  grpc::ServerUnaryReactor* reactor;
};

// Answers an acknowledgement. On the strand.
void Answer(const Result<AlertDesk::AlertIds>& ids, const AlertBook& book, const UnaryCall& call,
            AcknowledgeResponse& response) {
  if (!ids) return call.Fail(ids.error());
  for (const std::string& id : *ids) {
    // It may have resolved meanwhile.
    if (const BookedAlert* alert = book.Find(id)) {
      ToWire(*alert, *response.add_alerts());
    }
  }
  call.reactor->Finish(grpc::Status::OK);
}

void Answer(const Result<Silence>& silence, const AlertBook& book, const UnaryCall& call,
            AlertSilence& response) {
  if (!silence) return call.Fail(silence.error());
  ToWire(*silence, book.silences(), response);
  call.reactor->Finish(grpc::Status::OK);
}

}  // namespace

grpc::ServerWriteReactor<ActiveAlert>* AlertServiceImpl::ListAlerts(
    grpc::CallbackServerContext* context, const ListAlertsRequest* request) {
  auto admitted = gate_.Admit(*context, Method::kListAlerts);
  if (!admitted) return new Refusal<ActiveAlert>(*context, admitted.error());
  const auto least =
      request->severity().empty() ? Severity::kInfo : SeverityFrom(request->severity());
  if (!least) {
    return new Refusal<ActiveAlert>(
        *context, {Code::kInvalidArgument,
                   "severity: '" + request->severity() + "' is not info, warning or critical"});
  }
  return NewAlertList<ActiveAlert>(*context, access_, *std::move(admitted),
                                   AlertPages{.book = access_.desk.book(),
                                              .device = request->service_name(),
                                              .rule = request->rule(),
                                              .least = *least,
                                              .after = {}});
}

grpc::ServerWriteReactor<WatchAlertsResponse>* AlertServiceImpl::WatchAlerts(
    grpc::CallbackServerContext* context, const WatchAlertsRequest* request) {
  auto admitted = gate_.Admit(*context, Method::kWatchAlerts);
  if (!admitted) return new Refusal<WatchAlertsResponse>(*context, admitted.error());
  CollectorStats& stats = access_.stats;
  auto place =
      CallPlace::Take(stats.alert_watchers_open, access_.watchers, stats.alert_calls_refused,
                      {.what = "watchers of alerts", .retry_after = kLongCallsEnd});
  if (!place) return new Refusal<WatchAlertsResponse>(*context, place.error());
  return NewWatchAlerts(*context, access_, *request, *std::move(admitted), std::move(*place));
}

grpc::ServerWriteReactor<AlertHistoryEntry>* AlertServiceImpl::ListAlertHistory(
    grpc::CallbackServerContext* context, const ListAlertHistoryRequest* request) {
  auto admitted = gate_.Admit(*context, Method::kListAlertHistory);
  if (!admitted) return new Refusal<AlertHistoryEntry>(*context, admitted.error());
  const AlertLogFilter filter{
      .from = FromUnixMillis(request->from_ms()),
      .to = request->to_ms() == 0 ? WallTime::max() : FromUnixMillis(request->to_ms()),
      .device = request->service_name(),
      .rule = request->rule()};
  if (filter.from > filter.to) {
    return new Refusal<AlertHistoryEntry>(*context,
                                          {Code::kInvalidArgument, "from_ms is after to_ms"});
  }
  const std::size_t limit = request->limit() == 0 ? kDefaultAlerts : request->limit();
  return NewAlertList<AlertHistoryEntry>(
      *context, access_, *std::move(admitted),
      HistoryPages{.store = access_.desk.store(), .filter = filter, .left = limit, .after = {}});
}

grpc::ServerUnaryReactor* AlertServiceImpl::AddSilence(grpc::CallbackServerContext* context,
                                                       const AddSilenceRequest* request,
                                                       AlertSilence* response) {
  const auto admitted = gate_.Admit(*context, Method::kAddSilence, request->silence().comment());
  if (!admitted) return Refuse(*context, admitted.error());
  const UnaryCall call(*context);
  access_.strand.Post([&desk = access_.desk, call, request, response] {
    desk.AddSilence(FromWire(request->silence()),
                    [&desk, call, response](const Result<Silence>& added) {
                      if (added) {
                        spdlog::info("silence {} of {} until {}: {}", added->number, added->author,
                                     FormatTime(added->expires), added->comment);
                      }
                      Answer(added, desk.book(), call, *response);
                    });
  });
  return call.reactor;
}

grpc::ServerWriteReactor<AlertSilence>* AlertServiceImpl::ListSilences(
    grpc::CallbackServerContext* context, const ListSilencesRequest*) {
  auto admitted = gate_.Admit(*context, Method::kListSilences);
  if (!admitted) return new Refusal<AlertSilence>(*context, admitted.error());
  return NewAlertList<AlertSilence>(
      *context, access_, *std::move(admitted),
      SilencePages{.silences = access_.desk.book().silences(), .list = std::nullopt});
}

grpc::ServerUnaryReactor* AlertServiceImpl::ExpireSilence(grpc::CallbackServerContext* context,
                                                          const ExpireSilenceRequest* request,
                                                          AlertSilence* response) {
  const auto admitted =
      gate_.Admit(*context, Method::kExpireSilence, std::to_string(request->number()));
  if (!admitted) return Refuse(*context, admitted.error());
  const UnaryCall call(*context);
  access_.strand.Post(
      [&desk = access_.desk, call, request, response, client = PeerAddress(context->peer())] {
        desk.ExpireSilence(request->number(),
                           [&desk, call, response, client](const Result<Silence>& expired) {
                             if (expired)
                               spdlog::info("silence {}: ended by {}", expired->number, client);
                             Answer(expired, desk.book(), call, *response);
                           });
      });
  return call.reactor;
}

grpc::ServerUnaryReactor* AlertServiceImpl::Acknowledge(grpc::CallbackServerContext* context,
                                                        const AcknowledgeRequest* request,
                                                        AcknowledgeResponse* response) {
  const auto admitted = gate_.Admit(*context, Method::kAcknowledge, NameOf(request->alert()));
  if (!admitted) return Refuse(*context, admitted.error());
  const UnaryCall call(*context);
  Status checked = CheckTarget(request->alert());
  if (checked) checked = CheckAuthor(*request);
  if (!checked) {
    call.Fail(checked.error());
    return call.reactor;
  }
  access_.strand.Post([&desk = access_.desk, call, request, response] {
    Acknowledgement acknowledgement{
        .author = request->author(), .comment = request->comment(), .at = {}, .expires = {}};
    if (request->expires_ms() > 0) acknowledgement.expires = FromUnixMillis(request->expires_ms());
    desk.Acknowledge(TargetOf(request->alert()), acknowledgement,
                     [&desk, call, response](const Result<AlertDesk::AlertIds>& ids) {
                       Answer(ids, desk.book(), call, *response);
                     });
  });
  return call.reactor;
}

grpc::ServerUnaryReactor* AlertServiceImpl::Unacknowledge(grpc::CallbackServerContext* context,
                                                          const UnacknowledgeRequest* request,
                                                          AcknowledgeResponse* response) {
  const auto admitted = gate_.Admit(*context, Method::kUnacknowledge, NameOf(request->alert()));
  if (!admitted) return Refuse(*context, admitted.error());
  const UnaryCall call(*context);
  if (const Status checked = CheckTarget(request->alert()); !checked) {
    call.Fail(checked.error());
    return call.reactor;
  }
  access_.strand.Post([&desk = access_.desk, call, request, response] {
    desk.Unacknowledge(TargetOf(request->alert()),
                       [&desk, call, response](const Result<AlertDesk::AlertIds>& ids) {
                         Answer(ids, desk.book(), call, *response);
                       });
  });
  return call.reactor;
}

}  // namespace edgefeed
