#include "collector/rpc/dump_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "collector/rpc/call_place.h"
#include "collector/rpc/download_dump.h"
#include "collector/rpc/dump_response.h"
#include "collector/rpc/paged_list.h"
#include "collector/rpc/peer.h"
#include "collector/rpc/refusal.h"
#include "common/base/units.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

constexpr std::uint32_t kDefaultDumps = 1000;
// Of one page of a list. A summary is some 8 KiB at most.
constexpr std::size_t kDumpPage = 50;

std::size_t LimitOf(std::uint32_t asked) { return asked == 0 ? kDefaultDumps : asked; }

// Where a list of groups has come to.
struct GroupPages {
  std::string device;
  std::size_t left;
  GroupCursor after;

  Result<std::vector<dumps::DumpGroup>> Next(DumpStore& dumps) {
    const auto groups = dumps.ListGroups(device, after, std::min(left, kDumpPage));
    if (!groups) return groups.error();
    std::vector<dumps::DumpGroup> page(groups->size());
    for (std::size_t i = 0; i < page.size(); ++i) ToWire((*groups)[i], page[i]);
    left -= page.size();
    if (!page.empty()) after = {groups->back().last_seen, groups->back().id};
    return page;
  }
};

// Where a list of dumps has come to.
struct DumpPages {
  DumpFilter filter;
  std::size_t left;
  DumpCursor after;

  Result<std::vector<dumps::Dump>> Next(DumpStore& store) {
    const auto listed = store.List(filter, after, std::min(left, kDumpPage));
    if (!listed) return listed.error();
    std::vector<dumps::Dump> page(listed->size());
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (const Status told = ToWire((*listed)[i], page[i]); !told) return told.error();
    }
    left -= page.size();
    if (!page.empty()) after = {listed->back().dump.stored_at, listed->back().dump.id};
    return page;
  }
};

// For the audit.
std::string Joined(const dumps::RemoveDumpsRequest& request) {
  std::string ids;
  for (const std::string& id : request.ids()) ids += (ids.empty() ? "" : " ") + id;
  return ids;
}

template <typename Message, typename Pages>
grpc::ServerWriteReactor<Message>* NewDumpList(grpc::CallbackServerContext& context,
                                               const DumpAccess& access, Admitted admitted,
                                               Pages pages) {
  CollectorStats& stats = access.stats;
  auto place = CallPlace::Take(stats.dump_lists_open, access.calls, stats.dump_calls_refused,
                               {.what = "lists", .retry_after = kShortCallsEnd});
  if (!place) return new Refusal<Message>(context, place.error());
  return new PagedList<Message>(
      context, access.store, access.longest_write, std::move(admitted), std::move(*place),
      [&dumps = access.dumps, pages = std::move(pages)]() mutable { return pages.Next(dumps); });
}

}  // namespace

grpc::ServerWriteReactor<dumps::DumpGroup>* DumpServiceImpl::ListDumpGroups(
    grpc::CallbackServerContext* context, const dumps::ListDumpGroupsRequest* request) {
  auto admitted = gate_.Admit(*context, Method::kListDumpGroups);
  if (!admitted) return new Refusal<dumps::DumpGroup>(*context, admitted.error());
  return NewDumpList<dumps::DumpGroup>(
      *context, access_, *std::move(admitted),
      GroupPages{
          .device = request->service_name(), .left = LimitOf(request->limit()), .after = {}});
}

grpc::ServerWriteReactor<dumps::Dump>* DumpServiceImpl::ListDumps(
    grpc::CallbackServerContext* context, const dumps::ListDumpsRequest* request) {
  auto admitted = gate_.Admit(*context, Method::kListDumps);
  if (!admitted) return new Refusal<dumps::Dump>(*context, admitted.error());
  return NewDumpList<dumps::Dump>(
      *context, access_, *std::move(admitted),
      DumpPages{.filter = {.group = request->group(), .device = request->service_name()},
                .left = LimitOf(request->limit()),
                .after = {}});
}

grpc::ServerUnaryReactor* DumpServiceImpl::GetDump(grpc::CallbackServerContext* context,
                                                   const dumps::GetDumpRequest* request,
                                                   dumps::Dump* response) {
  const auto admitted = gate_.Admit(*context, Method::kGetDump, request->id());
  if (!admitted) return Refuse(*context, admitted.error());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  access_.store.Post([&dumps = access_.dumps, context, reactor, request, response] {
    const auto dump = dumps.Get(request->id());
    if (!dump) return reactor->Finish(ToGrpc(dump.error(), *context));
    const Status told = ToWire(*dump, *response);
    reactor->Finish(told.ok() ? grpc::Status::OK : ToGrpc(told.error(), *context));
  });
  return reactor;
}

grpc::ServerWriteReactor<dumps::DownloadDumpResponse>* DumpServiceImpl::DownloadDump(
    grpc::CallbackServerContext* context, const dumps::DownloadDumpRequest* request) {
  auto admitted = gate_.Admit(*context, Method::kDownloadDump, request->id());
  if (!admitted) return new Refusal<dumps::DownloadDumpResponse>(*context, admitted.error());
  CollectorStats& stats = access_.stats;
  auto place = CallPlace::Take(stats.dump_downloads_open, access_.calls, stats.dump_calls_refused,
                               {.what = "downloads", .retry_after = kLongCallsEnd});
  if (!place) return new Refusal<dumps::DownloadDumpResponse>(*context, place.error());
  return NewDownload(*context, access_, *request, *std::move(admitted), std::move(*place));
}

grpc::ServerUnaryReactor* DumpServiceImpl::RemoveDumps(grpc::CallbackServerContext* context,
                                                       const dumps::RemoveDumpsRequest* request,
                                                       dumps::RemoveDumpsResponse* response) {
  const auto admitted = gate_.Admit(*context, Method::kRemoveDumps, Joined(*request));
  if (!admitted) return Refuse(*context, admitted.error());
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  access_.store.Post([&dumps = access_.dumps, context, reactor, request, response,
                      client = PeerAddress(context->peer())] {
    const std::vector<std::string> ids(request->ids().begin(), request->ids().end());
    const auto removed = dumps.Remove(ids);
    if (!removed) return reactor->Finish(ToGrpc(removed.error(), *context));
    for (const std::string& id : ids) spdlog::info("dump or group {}: removed by {}", id, client);
    response->set_dumps(removed->dumps);
    response->set_bytes(removed->bytes);
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

}  // namespace edgefeed
