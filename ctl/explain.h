#pragma once

#include "common/base/endpoint.h"
#include "common/base/result.h"

namespace edgefeed {

// What a call to `collector` ended with, as "<what> (<what to do>)". The code stays.
Error Explain(const Error& error, const Endpoint& collector);

}  // namespace edgefeed
