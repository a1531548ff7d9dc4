#pragma once

#include "common/model/alert_event.h"
#include "common/model/byte_codec.h"

// An alert event in files: the fields in their order, key first.
namespace edgefeed {

void Put(const AlertEvent& event, ByteWriter& writer);
// Whether it could be read, the reader says.
AlertEvent TakeAlertEvent(ByteReader& reader);

}  // namespace edgefeed
