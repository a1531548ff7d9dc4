#include "agent/boot/boot_record.h"

#include <doctest/doctest.h>

#include "agent/boot/life_mark.h"

namespace edgefeed {
namespace {

BootRecord SomeRecord() {
  BootRecord record{.boot_id = "5b2f6c1e-8f4d-4f0e-9a53-0c7d1b1f7a10",
                    .reason = BootReason::kKernelPanic,
                    .detail = "Kernel panic - not syncing: sysrq triggered crash",
                    .ended = FromUnixMillis(1'764'000'000'000),
                    .noted = "00000000-8f4d-4f0e-9a53-0c7d1b1f7a10",
                    .seen = {0x1234, 0xFFFFFFFF}};
  record.counts[1] = 12;
  record.counts[2] = 1;
  return record;
}

LifeMark SomeMark() {
  return {.boot_id = "5b2f6c1e-8f4d-4f0e-9a53-0c7d1b1f7a10",
          .since_boot = std::chrono::milliseconds(60'000),
          .started = FromUnixMillis(1'764'000'000'000),
          .trust = ClockTrust::kKernel};
}

TEST_CASE("the bytes are those of the examples in FORMAT.md") {
  CHECK(EncodeBootRecord(SomeRecord()) ==
        "edgefeed-boot 1\n"
        "boot 5b2f6c1e-8f4d-4f0e-9a53-0c7d1b1f7a10\n"
        "reason kernel_panic\n"
        "detail Kernel panic - not syncing: sysrq triggered crash\n"
        "ended 1764000000000\n"
        "noted 00000000-8f4d-4f0e-9a53-0c7d1b1f7a10\n"
        "count clean 12\n"
        "count kernel_panic 1\n"
        "seen 00001234\n"
        "seen ffffffff\n"
        "crc 91f0a15f\n");
  CHECK(EncodeLifeMark(SomeMark()) ==
        "edgefeed-life 1\n"
        "5b2f6c1e-8f4d-4f0e-9a53-0c7d1b1f7a10               60000       1764000000000 4\n"
        "crc f3a97586\n");
}

TEST_CASE("records and marks come back as they were written") {
  CHECK(*DecodeBootRecord(EncodeBootRecord(SomeRecord())) == SomeRecord());
  CHECK(*DecodeBootRecord(EncodeBootRecord({.boot_id = "b"})) == BootRecord{.boot_id = "b"});
  CHECK(*DecodeLifeMark(EncodeLifeMark(SomeMark())) == SomeMark());
  const LifeMark in_1970{.boot_id = "b", .started = WallTime(std::chrono::milliseconds(-5))};
  CHECK(*DecodeLifeMark(EncodeLifeMark(in_1970)) == in_1970);
}

TEST_CASE("a mark has always the same size: it is written over the one before") {
  const std::size_t size = EncodeLifeMark(SomeMark()).size();
  CHECK(size <= 512);
  CHECK(EncodeLifeMark({}).size() == size);
  CHECK(EncodeLifeMark({.boot_id = std::string(100, 'x'),
                        .since_boot = std::chrono::milliseconds(INT64_MAX),
                        .started = WallTime(std::chrono::milliseconds(INT64_MIN + 1))})
            .size() == size + 1);  // A boot of the year -292 million: it counts as lost.
}

TEST_CASE("what is torn, cut or changed anywhere is never taken for a record or a mark") {
  for (const std::string& whole : {EncodeBootRecord(SomeRecord()), EncodeLifeMark(SomeMark())}) {
    const auto is_taken = [](const std::string& bytes) {
      return DecodeBootRecord(bytes).operator bool() || DecodeLifeMark(bytes).operator bool();
    };
    REQUIRE(is_taken(whole));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      CAPTURE(at);
      CHECK_FALSE(is_taken(whole.substr(0, at)));
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      CHECK_FALSE(is_taken(changed));
      CHECK_FALSE(is_taken(whole.substr(0, at) + std::string(whole.size() - at, '\0')));
    }
  }
}

TEST_CASE("a record of a newer program is told from a damaged one") {
  std::string newer = EncodeBootRecord(SomeRecord());
  newer.replace(newer.find(" 1\n"), 3, " 2\n");
  CHECK(DecodeBootRecord(newer).error().code == Code::kUnimplemented);
  CHECK(DecodeBootRecord("ELF").error().code == Code::kDataLoss);
}

}  // namespace
}  // namespace edgefeed
