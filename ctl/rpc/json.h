#pragma once

#include <string>

#include "ctl/client.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace edgefeed {

// One line, with the proto's field names and all of its fields. 64-bit integers become strings:
// that is protobuf's JSON, which every protobuf library reads back. Empty for kNone.
std::string ToJson(const google::protobuf::Message& message, JsonForm form);

}  // namespace edgefeed
