#include "collector/uploads/begun_uploads.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "collector/uploads/upload_request.h"
#include "common/base/units.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::hours kKeepPartial{7 * 24};
constexpr std::chrono::hours kExpiryPeriod{1};
constexpr std::chrono::milliseconds kRetryWhenBusy{5000};

UploadAnswer RefuseFor(const Error& error, const BegunUpload& upload) {
  const bool full = error.code == Code::kResourceExhausted;
  return Refuse(full ? UploadRefusal::kQuota : UploadRefusal::kStorage, error.message, upload);
}

}  // namespace

Result<std::unique_ptr<BegunUploads>> BegunUploads::Open(fs::path directory, const Parts& parts) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  auto table = UploadTable::Open(parts.database);
  if (!table) return table.error();
  std::unique_ptr<BegunUploads> uploads(new BegunUploads(std::move(directory), parts, *table));
  if (const Status repaired = uploads->Repair(); !repaired) return repaired.error();
  uploads->UpdateRoom();
  parts.strand.Post([uploads = uploads.get(), alive = std::weak_ptr(uploads->alive_)] {
    if (!alive.expired()) uploads->ForgetExpired();
  });
  return uploads;
}

BegunUploads::BegunUploads(fs::path directory, const Parts& parts, UploadTable table)
    : directory_(std::move(directory)),
      parts_(parts),
      table_(table),
      room_(table_, parts.plain, parts.dumps),
      publisher_(parts.database, table_, parts.plain, parts.dumps) {}

BegunUploads::~BegunUploads() = default;

Status BegunUploads::Repair() {
  auto incomplete = table_.Incomplete();
  if (!incomplete) return incomplete.error();
  for (const BegunUpload& upload : *incomplete) {
    const fs::path file = FileOf(upload.number);
    if (!publisher_.WasPublishing(upload, file)) continue;
    const auto published = publisher_.Publish(upload, file, parts_.strand.WallNow());
    if (!published) {
      spdlog::error("{}: {}", NameOf(upload), published.error().message);
      continue;
    }
    spdlog::info("{} was whole when the collector ended: complete", NameOf(upload));
  }
  RemoveStrays(*incomplete);
  return {};
}

void BegunUploads::RemoveStrays(const std::vector<BegunUpload>& incomplete) const {
  std::set<fs::path> wanted;
  for (const BegunUpload& upload : incomplete) wanted.insert(FileOf(upload.number));
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!wanted.contains(entry->path())) fs::remove(entry->path(), ignored);
  }
}

void BegunUploads::ForgetExpired() {
  expiry_ = parts_.strand.RunAfter(kExpiryPeriod, [this] { ForgetExpired(); });
  const auto expired = table_.ExpiredAt(parts_.strand.WallNow());
  if (!expired) return spdlog::error("uploads: {}", expired.error().message);
  for (const BegunUpload& upload : *expired) {
    const auto active = active_.find(upload.number);
    if (active != active_.end() &&
        (active->second->segment() != nullptr || active->second->finishing())) {
      continue;
    }
    if (upload.phase == UploadPhase::kIncomplete) {
      ++parts_.stats.uploads_expired;
      spdlog::warn("{} has expired with {} of {}", NameOf(upload),
                   FormatBytes({upload.committed_bytes}), FormatBytes({upload.size_bytes}));
    }
    if (const Status gone = Forget(upload); !gone)
      spdlog::error("uploads: {}", gone.error().message);
  }
}

void BegunUploads::Begin(const UploadRequest& request, const AnswerUpload& answer) {
  if (const Status valid = CheckUploadRequest(request); !valid) {
    return Tell(answer, Refuse(UploadRefusal::kInvalid, valid.error().message));
  }
  const auto found = table_.Find(request.device, request.upload_id);
  if (!found) return Tell(answer, Refuse(UploadRefusal::kStorage, found.error().message));
  if (!*found) return BeginNew(request, answer);
  const BegunUpload& upload = **found;
  if (upload.size_bytes != request.size_bytes ||
      (upload.size_bytes > 0 && BytesOf(upload.sha256) != request.sha256)) {
    return Tell(answer,
                Refuse(UploadRefusal::kConflict, "was begun with another size or digest", upload));
  }
  if (upload.phase != UploadPhase::kIncomplete) return Tell(answer, StandOf(upload));
  Resume(upload, answer);
}

void BegunUploads::BeginNew(const UploadRequest& request, const AnswerUpload& answer) {
  BegunUpload upload = ToUpload(request);
  upload.expires = parts_.strand.WallNow() + kKeepPartial;
  if (const Status size = room_.CheckSize(upload); !size) {
    return Tell(answer, Refuse(UploadRefusal::kTooLarge, size.error().message, upload));
  }
  if (const Status room = room_.CheckFor(upload); !room) {
    return Tell(answer, RefuseFor(room.error(), upload));
  }
  const std::string_view description = request.dump ? std::string_view(*request.dump) : "";
  const bool described = upload.is_dump && upload.size_bytes == 0;
  const auto begun = described ? publisher_.Describe(upload, description, parts_.strand.WallNow())
                               : Insert(upload, description);
  if (!begun) return Tell(answer, RefuseFor(begun.error(), upload));
  ++parts_.stats.uploads_begun;
  UpdateRoom();
  if (described) return Tell(answer, StandOf(*begun));
  Resume(*begun, answer);
}

Result<BegunUpload> BegunUploads::Insert(BegunUpload upload, std::string_view description) {
  const auto number = table_.Insert(upload, description);
  if (!number) return number.error();
  upload.number = *number;
  return upload;
}

void BegunUploads::Resume(const BegunUpload& upload, const AnswerUpload& answer) {
  const auto opened = Activate(upload);
  if (!opened) {
    UploadAnswer refusal = RefuseFor(opened.error(), upload);
    if (refusal.refusal == UploadRefusal::kQuota) refusal.retry_after = kRetryWhenBusy;
    return Tell(answer, refusal);
  }
  ActiveUpload& active = **opened;
  if (active.segment() != nullptr) active.segment()->Supersede();
  const auto epoch = table_.NextEpoch();
  if (!epoch) return Tell(answer, RefuseFor(epoch.error(), upload));
  const Status renewed = active.Renew(*epoch, parts_.strand.WallNow() + kKeepPartial);
  if (!renewed) return Tell(answer, RefuseFor(renewed.error(), upload));
  if (active.whole()) return Complete(active, answer);
  if (active.upload().committed_bytes > 0) ++parts_.stats.uploads_resumed;
  Tell(answer, StandOf(active.upload()));
}

Result<ActiveUpload*> BegunUploads::Activate(const BegunUpload& upload) {
  auto found = active_.find(upload.number);
  if (found == active_.end()) {
    if (active_.size() >= kMostActive && !CloseIdle() && !CloseOfGreediest(upload.device)) {
      return Error{Code::kResourceExhausted, "the collector takes " + std::to_string(kMostActive) +
                                                 " uploads already; try again"};
    }
    auto opened = ActiveUpload::Open(upload, FileOf(upload.number),
                                     {.strand = parts_.strand,
                                      .sync = parts_.sync,
                                      .hash = parts_.hash,
                                      .table = table_,
                                      .stats = parts_.stats});
    if (!opened) return opened.error();
    found = active_.emplace(upload.number, std::move(*opened)).first;
  }
  found->second->last_use = ++uses_;
  return found->second.get();
}

bool BegunUploads::CloseIdle() {
  auto oldest = active_.end();
  for (auto one = active_.begin(); one != active_.end(); ++one) {
    if (one->second->segment() != nullptr || one->second->finishing()) continue;
    if (oldest == active_.end() || one->second->last_use < oldest->second->last_use) oldest = one;
  }
  if (oldest == active_.end()) return false;
  active_.erase(oldest);
  return true;
}

bool BegunUploads::CloseOfGreediest(const std::string& device) {
  using Active = decltype(active_)::iterator;
  struct Share {
    std::size_t uploads = 0;
    Active oldest;
  };
  std::map<std::string_view, Share> shares;
  for (Active one = active_.begin(); one != active_.end(); ++one) {
    if (one->second->finishing()) continue;
    Share& share = shares[one->second->upload().device];
    if (share.uploads++ == 0 || one->second->last_use < share.oldest->second->last_use) {
      share.oldest = one;
    }
  }
  const std::size_t own = shares[device].uploads;
  const auto greediest =
      std::ranges::max_element(shares, {}, [](const auto& share) { return share.second.uploads; });
  if (greediest->second.uploads < own + 2) return false;
  const Active closed = greediest->second.oldest;
  if (closed->second->segment() != nullptr) closed->second->segment()->Supersede();
  active_.erase(closed);
  return true;
}

Result<UploadAnswer> BegunUploads::Query(std::string_view device, std::string_view upload_id) {
  const auto found = table_.Find(device, upload_id);
  if (!found) return found.error();
  if (!*found) return Error{Code::kNotFound, "no upload of that device and upload_id"};
  return StandOf(**found);
}

UploadAnswer BegunUploads::Abort(std::string_view device, std::string_view upload_id) {
  const auto found = table_.Find(device, upload_id);
  if (!found) return Refuse(UploadRefusal::kStorage, found.error().message);
  if (!*found) return Refuse(UploadRefusal::kUnknown, "no upload of that device and upload_id");
  BegunUpload upload = **found;
  if (upload.phase != UploadPhase::kIncomplete) return StandOf(upload);
  if (const Status gone = Forget(upload); !gone) return RefuseFor(gone.error(), upload);
  upload.committed_bytes = 0;
  upload.committed_crc32c = 0;
  upload.stored_as = "thrown away";
  return StandOf(upload);
}

std::unique_ptr<UploadSegment> BegunUploads::OpenSegment(std::string_view device,
                                                         std::string_view upload_id,
                                                         std::uint64_t epoch,
                                                         const AnswerUpload& answer) {
  const auto refuse = [&](const UploadAnswer& why) {
    Tell(answer, why);
    return nullptr;
  };
  const auto found = table_.Find(device, upload_id);
  if (!found) return refuse(Refuse(UploadRefusal::kStorage, found.error().message));
  if (!*found) return refuse(Refuse(UploadRefusal::kUnknown, "no such upload was begun"));
  const BegunUpload& upload = **found;
  if (upload.phase != UploadPhase::kIncomplete) return refuse(StandOf(upload));
  if (upload.epoch != epoch) {
    return refuse(
        Refuse(UploadRefusal::kSuperseded, "the ticket is not of the last BeginUpload", upload));
  }
  const auto opened = Activate(upload);
  if (!opened) return refuse(RefuseFor(opened.error(), upload));
  ActiveUpload& active = **opened;
  if (active.segment() != nullptr) active.segment()->Supersede();
  return std::make_unique<UploadSegment>(
      active,
      [this](ActiveUpload& whole, AnswerUpload waiting) { Complete(whole, std::move(waiting)); },
      [this, answer](const UploadAnswer& what) { Tell(answer, what); });
}

void BegunUploads::Complete(ActiveUpload& active, AnswerUpload answer) {
  if (active.waiting) {
    Tell(active.waiting,
         Refuse(UploadRefusal::kSuperseded, "a newer call waits for its end", active.upload()));
  }
  active.waiting = std::move(answer);
  if (active.finishing()) return;
  active.Finish([this, alive = std::weak_ptr(alive_), &strand = parts_.strand,
                 number = active.upload().number](const Result<Sha256Digest>& digest) {
    strand.Post([this, alive, number, digest] {
      if (!alive.expired()) HandleDigest(number, digest);
    });
  });
}

void BegunUploads::HandleDigest(std::int64_t number, const Result<Sha256Digest>& digest) {
  const auto found = active_.find(number);
  if (found == active_.end()) return;  // Aborted.
  const UploadAnswer answer = Finish(*found->second, digest);
  const AnswerUpload waiting = std::move(found->second->waiting);
  active_.erase(found);
  UpdateRoom();
  if (waiting) Tell(waiting, answer);
}

UploadAnswer BegunUploads::Finish(const ActiveUpload& active, const Result<Sha256Digest>& digest) {
  const BegunUpload& upload = active.upload();
  if (!digest) return RefuseFor(digest.error(), upload);
  if (*digest != upload.sha256) {
    ++parts_.stats.uploads_failed;
    UploadAnswer refusal =
        Refuse(UploadRefusal::kDigest,
               "its SHA-256 is " + ToString(*digest) + ", not what was promised", upload);
    refusal.committed_bytes = 0;
    refusal.committed_crc32c = 0;
    fs::remove(active.file());
    const Status gone = table_.Remove(upload.number);
    return gone.ok() ? refusal : RefuseFor(gone.error(), upload);
  }
  const auto published = publisher_.Publish(upload, active.file(), parts_.strand.WallNow());
  if (!published) return RefuseFor(published.error(), upload);
  ++parts_.stats.uploads_completed;
  spdlog::info("{} complete: {}, stored as {}", NameOf(upload), FormatBytes({upload.size_bytes}),
               published->stored_as);
  return StandOf(*published);
}

Status BegunUploads::Forget(const BegunUpload& upload) {
  if (const Status gone = table_.Remove(upload.number); !gone) return gone;
  const auto active = active_.find(upload.number);
  if (active != active_.end()) {
    const AnswerUpload waiting = std::move(active->second->waiting);
    active_.erase(active);
    if (waiting) Tell(waiting, Refuse(UploadRefusal::kUnknown, "it was aborted", upload));
  }
  std::error_code ignored;
  fs::remove(FileOf(upload.number), ignored);
  UpdateRoom();
  return {};
}

void BegunUploads::Tell(const AnswerUpload& answer, const UploadAnswer& what) {
  if (what.refusal != UploadRefusal::kNone) {
    ++parts_.stats.uploads_refused[static_cast<std::size_t>(what.refusal)];
    spdlog::warn("refused ({}): {}", kUploadRefusalNames[static_cast<std::size_t>(what.refusal)],
                 what.message);
  }
  answer(what);
}

void BegunUploads::UpdateRoom() {
  if (const Status updated = room_.Update(); !updated) {
    spdlog::error("uploads: {}", updated.error().message);
  }
}

fs::path BegunUploads::FileOf(std::int64_t number) const {
  return directory_ / std::to_string(number);
}

}  // namespace edgefeed
