#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "ctl/dump_client.h"

namespace edgefeed {

// A collector with one dump; its line may break.
class FakeDumpClient final : public DumpClient {
 public:
  Result<std::vector<DumpGroupEntry>> ListGroups(const DumpListRequest& request) override {
    asked = request;
    return groups;
  }
  Result<std::vector<DumpEntry>> ListDumps(const DumpListRequest& request) override {
    asked = request;
    return std::vector<DumpEntry>{dump};
  }
  Result<DumpEntry> GetDump(const std::string& id) override {
    if (dump.id.starts_with(id)) return dump;
    return Error{Code::kNotFound, "no dump " + id};
  }
  Status Download(const std::string& /*id*/, std::uint64_t offset, DumpSink& sink) override {
    if (Status expected = sink.Expect(dump.size_bytes, dump.sha256); !expected) return expected;
    for (; offset < bytes.size(); offset += kPiece) {
      if (breaks_at && offset >= *breaks_at) return Error{Code::kUnavailable, "the line broke"};
      sent_bytes += std::min(kPiece, bytes.size() - offset);
      if (Status taken = sink.Take(std::string_view(bytes).substr(offset, kPiece)); !taken) {
        return taken;
      }
    }
    return {};
  }
  Result<DumpsRemoved> Remove(const std::vector<std::string>& ids) override {
    removed = ids;
    return DumpsRemoved{.dumps = ids.size(), .bytes = 2048, .json = "{}"};
  }

  static constexpr std::size_t kPiece = 1000;
  std::vector<DumpGroupEntry> groups;
  DumpEntry dump;
  std::string bytes;                     // Of it.
  std::optional<std::size_t> breaks_at;  // Where the download does.
  std::uint64_t sent_bytes = 0;
  DumpListRequest asked;
  std::vector<std::string> removed;
};

}  // namespace edgefeed
