#include "ctl/rpc/json.h"

#include <google/protobuf/util/json_util.h>

namespace edgefeed {

std::string ToJson(const google::protobuf::Message& message, JsonForm form) {
  std::string json;
  if (form == JsonForm::kNone) return json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "{}";
}

}  // namespace edgefeed
