#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/console.h"
#include "ctl/options.h"
#include "ctl/verify_files.h"

namespace edgefeed {

// `edgefeedctl verify`. Needs no collector. In a terminal the way so far is shown on `console.err`.
Status RunVerify(const CtlOptions& options, const Clock& clock, Console& console);

// "12 files, 1.5 MiB, 3 devices, …"
std::string DescribeFiles(const VerifiedFiles& files);
// As a JSON array.
std::string DamageJson(const VerifiedFiles& files);

}  // namespace edgefeed
