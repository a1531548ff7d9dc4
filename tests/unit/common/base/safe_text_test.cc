#include "common/base/safe_text.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("text without tricks stays as it is") {
  CHECK(SafeText("cam-01") == "cam-01");
  CHECK(SafeText("Zürich 45 °C 東京 😀") == "Zürich 45 °C 東京 😀");
  CHECK(SafeText("") == "");
}

TEST_CASE("escape sequences go as a whole") {
  CHECK(SafeText("a\x1b[31mred\x1b[0mb") == "aredb");
  CHECK(SafeText("a\x1b]0;new title\x07"
                 "b") == "ab");
  CHECK(SafeText("a\x1b]8;;http://x\x1b\\link") == "alink");
  CHECK(SafeText("a\x1bPq#0;2\x1b\\b") == "ab");
  CHECK(SafeText("a\x1b"
                 "cb") == "ab");
  CHECK(SafeText("a\x1b[?1049") == "a");
  CHECK(SafeText("a\x1b") == "a");
}

TEST_CASE("control characters go, line breaks and tabs become blanks") {
  CHECK(SafeText("a\r\nb\tc\x08\x7f\x01") == "a b c");
  CHECK(SafeText(std::string_view("a\0b", 3)) == "ab");
  CHECK(SafeText("a\xc2\x9b"
                 "31mb") == "a31mb");  // CSI as one C1 character.
  // NOLINTNEXTLINE(misc-misleading-bidirectional): that is what must go.
  CHECK(SafeText("a\xe2\x80\xae"
                 "b\xe2\x81\xa6"
                 "c") == "abc");  // Right-to-left override, isolate.
  CHECK(SafeText("a\xe2\x80\xa8"
                 "b") == "ab");  // Line separator.
}

TEST_CASE("what is not UTF-8 becomes a question mark") {
  CHECK(SafeText("a\xff"
                 "b") == "a?b");
  CHECK(SafeText("a\xc3") == "a?");
  CHECK(SafeText("\x9b"
                 "31m") == "?31m");
  CHECK(SafeText("\xc0\x9b") == "??");  // Overlong ESC.
  CHECK(SafeText("\xe0\x80\x9b") == "???");
  CHECK(SafeText("\xed\xa0\x80") == "???");       // Surrogate.
  CHECK(SafeText("\xf4\x90\x80\x80") == "????");  // Over U+10FFFF.
}

}  // namespace
}  // namespace edgefeed
