#include "collector/access/identity.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace edgefeed {
namespace {

using Names = std::vector<std::string>;

std::variant<Caller, Denial> Of(Names uris, Names dns_names = {}) {
  return CallerOf({.serial = "0a",
                   .not_after = {},
                   .uris = std::move(uris),
                   .dns_names = std::move(dns_names)});
}

// "device a b", or why not.
std::string Text(const std::variant<Caller, Denial>& identified) {
  if (const auto* denial = std::get_if<Denial>(&identified)) return denial->error.message;
  const auto& caller = std::get<Caller>(identified);
  std::string text(RoleName(caller.role));
  for (const std::string& name : caller.names) text += " " + name;
  return text;
}

TEST_CASE("URIs name devices, or one person; DNS names devices where no URI names anybody") {
  CHECK(Text(Of({"edgefeed://device/a"})) == "device a");
  CHECK(Text(Of({"edgefeed://device/a", "edgefeed://device/b"})) == "device a b");
  CHECK(Text(Of({"edgefeed://viewer/kim"})) == "viewer kim");
  CHECK(Text(Of({"edgefeed://operator/kim"})) == "operator kim");
  CHECK(Text(Of({"edgefeed://admin/kim"})) == "admin kim");
  CHECK(Text(Of({}, {"a.example", "b.example"})) == "device a.example b.example");
  CHECK(Text(Of({"https://elsewhere/"}, {"a.example"})) == "device a.example");
  // The URI has been chosen for us, the DNS name for other uses.
  CHECK(Text(Of({"edgefeed://device/a"}, {"a.example"})) == "device a");
  CHECK(Text(Of({"edgefeed://viewer/kim"}, {"a.example"})) == "viewer kim");
}

TEST_CASE("a certificate that names nobody, or more than one should, is nobody's") {
  CHECK(Text(Of({})).starts_with("certificate 0a: names neither a device nor a person"));
  CHECK(Text(Of({}, {"*.example", ""})).starts_with("certificate 0a: names neither"));
  CHECK(Text(Of({"edgefeed://admin/kim", "edgefeed://device/a"})) ==
        "certificate 0a: names a person and somebody else");
  CHECK(Text(Of({"edgefeed://device/a", "edgefeed://viewer/kim"})) ==
        "certificate 0a: names a person and somebody else");
  CHECK(Text(Of({"edgefeed://viewer/a", "edgefeed://admin/a"})) ==
        "certificate 0a: names a person and somebody else");
}

TEST_CASE("a URI of ours that is not understood is not passed over") {
  for (const std::string uri :
       {"edgefeed://device/", "edgefeed://device", "edgefeed://root/kim", "edgefeed://device/a b",
        "edgefeed://device/a/b", "edgefeed://DEVICE/a", "edgefeed://"}) {
    CAPTURE(uri);
    CHECK(Text(Of({uri}, {"a.example"})) ==
          "certificate 0a: '" + uri + "' is not edgefeed://device/NAME, viewer, operator or admin");
  }
}

}  // namespace
}  // namespace edgefeed
