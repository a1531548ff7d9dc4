#pragma once

#include <google/protobuf/stubs/logging.h>

namespace edgefeed {

// As silent_log.h, for what libprotobuf has to say of messages.
inline bool SilenceProtobuf() {
  google::protobuf::SetLogHandler(nullptr);
  return true;
}

}  // namespace edgefeed
