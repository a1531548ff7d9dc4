#include "common/config/yaml_reader.h"

#include <doctest/doctest.h>

#include <map>
#include <optional>

#include "common/config/scalars.h"
#include "tests/unit/config/fake_environment.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

struct Item {
  std::string name = "none";
};

// One key of each kind.
struct Everything {
  std::string text = "default";
  bool flag = false;
  std::uint32_t count = 1;
  double real = 0.5;
  std::chrono::milliseconds duration = 1s;
  Bytes size = MiB(1);
  LogLevel level = LogLevel::kInfo;
  Endpoint endpoint{.host = "localhost", .port = 1};
  std::filesystem::path path = "/default";
  std::vector<std::string> list = {"default"};
  std::vector<std::uint32_t> list_or_one;
  std::map<std::string, std::string> map;
  std::string nested = "default";
  bool off = false;
  std::vector<Item> items = {{}};
};

Item ReadItem(YamlReader& reader) {
  Item item;
  reader.Read("name", item.name, ParseText);
  reader.Require("name");
  return item;
}

void ReadEverything(YamlReader& root, Everything& all) {
  root.Read("text", all.text, ParseText);
  root.Read("flag", all.flag, ParseBool);
  root.Read("count", all.count, NumberFrom(1, 64));
  root.Read("real", all.real, ParseReal);
  root.Read("duration", all.duration, DurationFrom(100ms, 1h));
  root.Read("size", all.size, SizeFrom(KiB(64), GiB(1)));
  root.Read("level", all.level, ParseLogLevel);
  root.Read("endpoint", all.endpoint, EndpointFor(Plaintext::kLoopbackOnly, ""));
  root.Read("path", all.path, PathIn(root.directory()));
  root.ReadList("list", all.list, ParseText);
  root.ReadList("list_or_one", all.list_or_one, NumberFrom(1, 9), ListForm::kListOrOne);
  root.ReadMap("map", [&](const std::string& name, const std::string& value) -> Status {
    if (name == "bad") return Error{Code::kInvalidArgument, "is no good name"};
    all.map[name] = value;
    return {};
  });
  const auto section = [&](YamlReader& reader) { reader.Read("nested", all.nested, ParseText); };
  all.off = root.Section("section", section, SectionForm::kMappingOrOff) == SectionState::kOff;
  root.ReadItems("items", all.items, ReadItem);
}

const Environment kEnvironment =
    FakeEnvironment({{"NAME", "board-7"}, {"INJECTION", "x\nflag: true"}, {"COUNT", "7"}});

Everything Read(std::string_view text) {
  Everything all;
  const Status status = ReadYaml(text, "/etc/edgefeed/t.yaml", kEnvironment,
                                 [&](YamlReader& root) { ReadEverything(root, all); });
  const std::string message = status.ok() ? "" : status.error().message;
  CHECK(message == "");
  return all;
}

std::string Errors(std::string_view text) {
  Everything all;
  const Status status =
      ReadYaml(text, "t.yaml", kEnvironment, [&](YamlReader& root) { ReadEverything(root, all); });
  if (status.ok()) return "";
  CHECK(status.error().code == Code::kInvalidArgument);
  return status.error().message;
}

TEST_CASE("an empty file leaves the defaults") {
  for (const std::string text : {"", "\n", "# nothing\n", "---\n", "~\n", "{}\n"}) {
    CAPTURE(text);
    const auto all = Read(text);
    CHECK(all.text == "default");
    CHECK(all.list == std::vector<std::string>{"default"});
    CHECK(all.items.size() == 1);
  }
}

TEST_CASE("every kind of value is read") {
  const auto all = Read(R"(
text: some text
flag: yes
count: 64
real: -2.5e3
duration: 250ms
size: 10MiB
level: warning
endpoint: '[::1]:50051'
path: sub/../ca.pem
list: [a, "b c", '']
list_or_one: 7
map: {site: lab, rack: 12, empty: ''}
section: {nested: inner}
items:
  - name: one
  - {name: two}
)");
  CHECK(all.text == "some text");
  CHECK(all.flag);
  CHECK(all.count == 64);
  CHECK(all.real == -2500);
  CHECK(all.duration == 250ms);
  CHECK(all.size == MiB(10));
  CHECK(all.level == LogLevel::kWarning);
  CHECK(all.endpoint == Endpoint{.host = "::1", .port = 50051});
  CHECK(all.path == "/etc/edgefeed/ca.pem");
  CHECK(all.list == std::vector<std::string>{"a", "b c", ""});
  CHECK(all.list_or_one == std::vector<std::uint32_t>{7});
  CHECK(all.map ==
        std::map<std::string, std::string>{{"site", "lab"}, {"rack", "12"}, {"empty", ""}});
  CHECK(all.nested == "inner");
  REQUIRE(all.items.size() == 2);
  CHECK(all.items[1].name == "two");
}

TEST_CASE("lists and sections may be empty, absolute paths stay") {
  const auto all = Read("list: []\nitems: []\nsection:\nmap:\npath: /abs//x\n");
  CHECK(all.list.empty());
  CHECK(all.items.empty());
  CHECK(all.nested == "default");
  CHECK_FALSE(all.off);
  CHECK(all.path == "/abs/x");
  CHECK(Read("list_or_one: [1, 2]").list_or_one == std::vector<std::uint32_t>{1, 2});
  CHECK(Read("section: off").off);
  CHECK(Read("section: ${NONE:-false}").off);
}

TEST_CASE("variables expand in values, and never become structure") {
  CHECK(Read("text: ${NAME}").text == "board-7");
  CHECK(Read("count: ${COUNT}").count == 7);
  CHECK(Read("count: \"${COUNT}\"").count == 7);
  CHECK(Read("text: $${NAME} $$").text == "${NAME} $");
  CHECK(Read("map: {a: '${NAME}-1'}").map.at("a") == "board-7-1");
  CHECK(Read("list: ['${NAME}']").list == std::vector<std::string>{"board-7"});
  const auto injected = Read("text: ${INJECTION}");
  CHECK(injected.text == "x\nflag: true");
  CHECK_FALSE(injected.flag);
  CHECK(Errors("${NAME}: 1").starts_with("t.yaml:1:1: ${NAME}: unknown key"));
}

TEST_CASE("an unset variable is reported with its place") {
  CHECK(Errors("flag: true\ntext: a ${NONE}") ==
        "t.yaml:2:7: text: the environment variable NONE is not set; ${NONE:-default} gives it a "
        "default");
  CHECK(Errors("list: [a, '${NONE']") ==
        "t.yaml:1:11: list[1]: a ${ has no closing }; write $$ for a $");
}

TEST_CASE("values of the wrong kind") {
  CHECK(Errors("flag: maybe") == "t.yaml:1:7: flag: 'maybe' is not true or false");
  CHECK(Errors("count: 65") == "t.yaml:1:8: count: '65' is not a whole number from 1 to 64");
  CHECK(Errors("count: -1") == "t.yaml:1:8: count: '-1' is not a whole number from 1 to 64");
  CHECK(Errors("count: 4.0") == "t.yaml:1:8: count: '4.0' is not a whole number from 1 to 64");
  CHECK(Errors("count: 99999999999") ==
        "t.yaml:1:8: count: '99999999999' is not a whole number from 1 to 64");
  CHECK(Errors("real: 1,5") == "t.yaml:1:7: real: '1,5' is not a number");
  CHECK(Errors("real: nan") == "t.yaml:1:7: real: 'nan' is not a number");
  CHECK(Errors("level: inof") ==
        "t.yaml:1:8: level: 'inof' is not one of debug, info, warning, error (did you mean info?)");
  CHECK(Errors("level: loud") ==
        "t.yaml:1:8: level: 'loud' is not one of debug, info, warning, error");
  CHECK(Errors("endpoint: here") ==
        "t.yaml:1:11: endpoint: 'here' is not HOST:PORT (an IPv6 host goes in brackets)");
  CHECK(Errors("endpoint: 0.0.0.0:1") ==
        "t.yaml:1:11: endpoint: '0.0.0.0:1' is not a loopback address: set tls to encrypt, or "
        "allow_plaintext: true to do without");
  CHECK(Errors("path: ''") == "t.yaml:1:7: path: '' is not a path");
}

TEST_CASE("bad units and ranges") {
  CHECK(Errors("duration: 10") ==
        "t.yaml:1:11: duration: '10' is not a duration such as 250ms, 10s, 5m, 1h or 3d");
  CHECK(Errors("duration: 10 s") ==
        "t.yaml:1:11: duration: '10 s' is not a duration such as 250ms, 10s, 5m, 1h or 3d");
  CHECK(Errors("duration: 99ms") ==
        "t.yaml:1:11: duration: '99ms' is out of range, allowed are 100ms to 1h");
  CHECK(Errors("duration: 2h") ==
        "t.yaml:1:11: duration: '2h' is out of range, allowed are 100ms to 1h");
  CHECK(Errors("size: 10MB") ==
        "t.yaml:1:7: size: '10MB' is not a size such as 512B, 64KiB, 10MiB or 2GiB");
  CHECK(Errors("size: 63KiB") ==
        "t.yaml:1:7: size: '63KiB' is out of range, allowed are 64KiB to 1GiB");
  CHECK(Read("duration: 1h\nsize: 64KiB").size == KiB(64));
}

TEST_CASE("scalars, lists and mappings are not mixed up") {
  CHECK(Errors("text: [a]") == "t.yaml:1:7: text: found a list where a single value is needed");
  CHECK(Errors("text: {a: b}") ==
        "t.yaml:1:7: text: found a mapping where a single value is needed");
  CHECK(Errors("text:\nflag: true") ==
        "t.yaml:1:1: text: found no value where a single value is needed");
  CHECK(Errors("list: a") ==
        "t.yaml:1:7: list: found 'a' where a list is needed: [a, b], or [] for none");
  CHECK(Errors("list:") ==
        "t.yaml:1:1: list: found no value where a list is needed: [a, b], or [] for none");
  CHECK(Errors("list: [a, [b]]") ==
        "t.yaml:1:11: list[1]: found a list where a single value is needed");
  CHECK(Errors("map: [a]") ==
        "t.yaml:1:6: map: found a list where a mapping is needed: {name: value}");
  CHECK(Errors("map: {a: {b: c}}") ==
        "t.yaml:1:10: map.a: found a mapping where a single value is needed");
  CHECK(Errors("section: on") ==
        "t.yaml:1:10: section: found 'on' where a mapping is needed: {key: value}, or off");
  CHECK(Errors("items: {name: x}") ==
        "t.yaml:1:8: items: found a mapping where a list of mappings is needed, or [] for none");
  CHECK(Errors("items: [x]") ==
        "t.yaml:1:9: items[0]: found 'x' where a mapping is needed: {key: value}");
  CHECK(Errors("- a\n- b") == "t.yaml:1:1: found a list where keys with values are needed");
  CHECK(Errors("hello") == "t.yaml:1:1: found 'hello' where keys with values are needed");
}

TEST_CASE("unknown keys, with what was meant or what is allowed") {
  CHECK(Errors("sice: 1MiB") == "t.yaml:1:1: sice: unknown key (did you mean size?)");
  CHECK(Errors("section:\n  nestd: a") ==
        "t.yaml:2:3: section.nestd: unknown key (did you mean nested?)");
  CHECK(Errors("section: {zzz: a}") ==
        "t.yaml:1:11: section.zzz: unknown key (allowed here: nested)");
  CHECK(Errors("items:\n  - name: a\n    nam: b") ==
        "t.yaml:3:5: items[0].nam: unknown key (did you mean name?)");
}

TEST_CASE("keys given twice") {
  CHECK(Errors("flag: true\ncount: 2\nflag: false") ==
        "t.yaml:3:1: flag: given twice, first in line 1");
  CHECK(Errors("section:\n  nested: a\n  nested: b") ==
        "t.yaml:3:3: section.nested: given twice, first in line 2");
  CHECK(Errors("map: {a: 1, a: 2}") == "t.yaml:1:13: map.a: given twice, first in line 1");
  CHECK(Errors("items: [{name: a, name: b}]") ==
        "t.yaml:1:19: items[0].name: given twice, first in line 1");
}

TEST_CASE("entries that the program refuses, and keys that it requires") {
  CHECK(Errors("map: {bad: x}") == "t.yaml:1:7: map.bad: is no good name");
  CHECK(Errors("items:\n  - {}") == "t.yaml:2:5: items[0].name: is required");
}

TEST_CASE("all problems are reported at once, in the order of the file") {
  CHECK(Errors(R"(items: [{nmae: a}]
section:
  nested: [x]
sise: 1
count: many
text: ${NONE}
text: b
)") == R"(t.yaml:1:9: items[0].name: is required
t.yaml:1:10: items[0].nmae: unknown key (did you mean name?)
t.yaml:3:11: section.nested: found a list where a single value is needed
t.yaml:4:1: sise: unknown key (did you mean size?)
t.yaml:5:8: count: 'many' is not a whole number from 1 to 64
t.yaml:6:7: text: the environment variable NONE is not set; ${NONE:-default} gives it a default
t.yaml:7:1: text: given twice, first in line 6)");
}

TEST_CASE("text that is not YAML") {
  CHECK(Errors("text: a: b") == "t.yaml:1:8: YAML: illegal map value");
  CHECK(Errors("list: [a\nflag: true") == "t.yaml:2:5: YAML: end of sequence flow not found");
  CHECK(Errors("flag: true\n---\nflag: false") ==
        "t.yaml:2:1: YAML: the document ends before this, and a file holds only one");
  CHECK(Errors("text: &a x\nlist: [*a]") ==
        "t.yaml:2:8: YAML: aliases (*name) are not supported: write the value again");
  CHECK(Errors("count: !!int 5") == "t.yaml:1:8: YAML: tags (!name) are not supported");
  CHECK(Errors("[a]: b") == "t.yaml:1:1: YAML: a key must be a name, not a list or a mapping");
  CHECK(Errors("~: b") == "t.yaml:1:1: YAML: a key is missing");
}

TEST_CASE("a problem is one line, whatever the value holds") {
  CHECK(Errors("flag: \"a\\nb\\u001b\"") == "t.yaml:1:7: flag: 'a?b?' is not true or false");
  CHECK(Errors("\"a\\nb\": 1").starts_with("t.yaml:1:1: a?b: unknown key (allowed here: count, "));
  CHECK(Errors("text: \"a\\0b\"") == "t.yaml:1:7: text: holds a NUL character");
}

TEST_CASE("a file that cannot be read is named") {
  Everything all;
  const Status status = ReadYamlFile("/nonexistent/t.yaml", kEnvironment,
                                     [&](YamlReader& root) { ReadEverything(root, all); });
  REQUIRE_FALSE(status.ok());
  CHECK(status.error() == Error{Code::kNotFound, "/nonexistent/t.yaml: No such file or directory"});
}

}  // namespace
}  // namespace edgefeed
