#pragma once

#include "bench/upload/parts.h"
#include "bench/upload/test_file.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"

namespace edgefeed::bench {

// As the agent uploads a dump, without a limit of its rate, until the collector has confirmed it.
Result<Seconds> UploadAsAgent(const Endpoint& collector, const TestFile& file);

}  // namespace edgefeed::bench
