#include "agent/crash/dump_look.h"

#include <utility>

namespace edgefeed {

Result<bool> DumpLooker::Step() {
  const auto piece = reader_.Next();
  if (!piece) {
    if (piece.error().code != Code::kDataLoss) return piece.error();
    look_.can_unpack = false;
    return true;
  }
  scanner_.Update(piece->content);
  look_.content_bytes += piece->content.size();
  return piece->is_last;
}

DumpLook DumpLooker::Finish() {
  look_.core = scanner_.Finish();
  look_.packing = reader_.packing();
  look_.is_whole = look_.can_unpack && reader_.is_whole() && !look_.core.truncated;
  return std::move(look_);
}

}  // namespace edgefeed
