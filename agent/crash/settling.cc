#include "agent/crash/settling.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace edgefeed {
namespace {

constexpr std::chrono::seconds kQuietFor{5};
constexpr std::chrono::minutes kAbandonedAfter{10};
// So long after its name appeared a file made by open(2) has been written or is still open.
constexpr std::chrono::seconds kLinkedAfter{1};
constexpr std::size_t kMaxNames = 4096;

}  // namespace

Writer WriterOf(int fd) {
  // Somebody who opens the file while we hold the lease for a moment would end us with SIGIO.
  ::fcntl(fd, F_SETSIG, SIGURG);
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(fd, F_SETLEASE, F_UNLCK);
    return Writer::kNone;
  }
  return errno == EAGAIN ? Writer::kSome : Writer::kUnknown;
}

void Settling::RenamedIn(const std::string& name) {
  if (renamed_.size() < kMaxNames) renamed_.insert(name);
  linked_at_.erase(name);
  files_.erase(name);
}

void Settling::Created(const std::string& name, SteadyTime now) {
  if (linked_at_.size() < kMaxNames) linked_at_[name] = now;
}

void Settling::ClosedAfterWriting(const std::string& name) { linked_at_.erase(name); }

Settling::Judgement Settling::Judge(const FoundFile& file, Writer writer, SteadyTime now) {
  File& known = files_[file.name];
  if (known.identity != file.identity) {
    known = {.identity = file.identity, .since = now, .renamed = renamed_.contains(file.name)};
  }
  renamed_.erase(file.name);
  if (IsCommitted(file, known, writer, now)) return {.verdict = Verdict::kCommitted};
  const SteadyTime abandoned = known.since + kAbandonedAfter;
  if (now >= abandoned) return {.verdict = Verdict::kAbandoned};
  const bool may_be_whole =
      file.identity.size_bytes > 0 && !known.not_whole && writer != Writer::kSome;
  if (!may_be_whole) return {.verdict = Verdict::kWait, .again = abandoned};
  const SteadyTime quiet = known.since + kQuietFor;
  if (now >= quiet) return {.verdict = Verdict::kQuiet};
  const auto linked = linked_at_.find(file.name);
  const bool soon = linked != linked_at_.end() && writer == Writer::kNone;
  return {.verdict = Verdict::kWait,
          .again = soon ? std::min(quiet, linked->second + kLinkedAfter) : quiet};
}

bool Settling::IsCommitted(const FoundFile& file, const File& known, Writer writer,
                           SteadyTime now) const {
  if (writer == Writer::kSome) return false;
  if (known.renamed) return true;
  if (writer == Writer::kUnknown || file.identity.size_bytes == 0) return false;
  // A write sets both times. What sets only this one, and comes last, is a rename or a link.
  if (file.changed_ns > file.identity.modified_ns) return true;
  const auto linked = linked_at_.find(file.name);
  return linked != linked_at_.end() && now >= linked->second + kLinkedAfter;
}

void Settling::NotWhole(const std::string& name, const FileIdentity& identity) {
  const auto known = files_.find(name);
  if (known != files_.end() && known->second.identity == identity) known->second.not_whole = true;
}

void Settling::Retain(const std::vector<FoundFile>& files) {
  std::set<std::string> names;
  for (const FoundFile& file : files) names.insert(file.name);
  const auto gone = [&](const auto& entry) { return !names.contains(entry.first); };
  std::erase_if(files_, gone);
  std::erase_if(linked_at_, gone);
  std::erase_if(renamed_, [&](const std::string& name) { return !names.contains(name); });
}

}  // namespace edgefeed
