#include "collector/access/policy.h"

#include <doctest/doctest.h>

#include <string>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow = WallTime(std::chrono::hours(24 * 365 * 60));

const PortPolicy kNobodyAsked{};
const PortPolicy kCertificates{.port = Port::kShared, .certificates = true};
const PortPolicy kTokens{.port = Port::kShared, .certificates = false, .tokens = true};
const PortPolicy kDevices{
    .port = Port::kDevices, .certificates = true, .tokens = true, .other = "host:2"};
const PortPolicy kOperators{
    .port = Port::kOperators, .certificates = true, .tokens = true, .other = "host:1"};

const PortPolicy kEnrolment{.port = Port::kEnrolment, .certificates = true};

Caller Certified(Role role, std::vector<std::string> names) {
  return {.proof = Proof::kCertificate,
          .role = role,
          .names = std::move(names),
          .serial = "0a1b",
          .token = {},
          .expires = kNow + 1h};
}

Caller Unproven() { return {}; }
Caller NotAsked() { return {.proof = Proof::kNotAsked}; }

// What an answer is: "" or the reason's name.
std::string Reason(const std::optional<Denial>& denial) {
  return denial ? std::string(kAccessRefusalNames[static_cast<std::size_t>(denial->reason)]) : "";
}

AccessLists Tokens(WallTime expires = kNow + 1h) {
  return {.revoked = {},
          .tokens = {{.name = "kim",
                      .role = Role::kOperator,
                      .sha256 = Sha256Of("secret"),
                      .expires = expires}}};
}

std::variant<Caller, Denial> Identified(const Credentials& shown, const PortPolicy& policy,
                                        const AccessLists& lists, WallTime now) {
  PeerCertificates certificates;
  return Identify(shown, policy, lists, now, certificates);
}

std::string ReasonOf(const Credentials& shown, const PortPolicy& policy, const AccessLists& lists) {
  const auto identified = Identified(shown, policy, lists, kNow);
  const auto* denial = std::get_if<Denial>(&identified);
  return denial == nullptr ? "" : Reason(*denial);
}

TEST_CASE("each role may call what the table says, and no more") {
  for (std::size_t i = 0; i < MethodRules().size(); ++i) {
    const auto method = static_cast<Method>(i);
    const MethodRule& rule = RuleOf(method);
    CAPTURE(rule.name);
    const bool device_may = rule.device == DeviceMay::kAsItself;
    CHECK(Reason(CheckCall(Certified(Role::kDevice, {"a"}), method, kCertificates)) ==
          (rule.device != DeviceMay::kNo ? "" : "role"));
    const bool may_be_unknown = rule.device == DeviceMay::kUnknown;
    CHECK(Reason(CheckCall(Unproven(), method, kEnrolment)) ==
          (may_be_unknown ? "" : "no_identity"));
    CHECK(may_be_unknown == (method == Method::kEnrol));
    for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
      CAPTURE(RoleName(role));
      const bool may = rule.least && role >= *rule.least;
      CHECK(Reason(CheckCall(Certified(role, {"kim"}), method, kCertificates)) ==
            (may ? "" : "role"));
    }
    CHECK(Reason(CheckCall(Unproven(), method, kCertificates)) == "no_identity");
    CHECK(Reason(CheckCall(Unproven(), method, kTokens)) == (device_may ? "" : "no_identity"));
    CHECK(Reason(CheckCall(NotAsked(), method, kNobodyAsked)) == "");
  }
}

TEST_CASE("the table says what the roles are for") {
  const auto least = [](Method method) { return RuleOf(method).least; };
  CHECK_FALSE(least(Method::kLiveFeed));
  CHECK(least(Method::kSubscribe) == Role::kViewer);
  CHECK(least(Method::kListDumps) == Role::kViewer);
  CHECK(least(Method::kAddSilence) == Role::kOperator);
  CHECK(least(Method::kDownloadDump) == Role::kOperator);
  CHECK(least(Method::kRemoveDumps) == Role::kOperator);
  CHECK(least(Method::kUpload) == Role::kOperator);
  CHECK(least(Method::kBackup) == Role::kAdmin);
  CHECK(RuleOf(Method::kListDevices).device == DeviceMay::kNo);
  CHECK(RuleOf(Method::kGetDump).device == DeviceMay::kNo);
  for (const Method method : {Method::kHttpPage, Method::kHttpDevices, Method::kHttpDevice,
                              Method::kHttpStream, Method::kHttpMetrics}) {
    CHECK(least(method) == Role::kViewer);
    CHECK(RuleOf(method).device == DeviceMay::kNo);
    CHECK(RuleOf(method).name.starts_with("GET /"));
  }
}

TEST_CASE("with a port for operators each port serves its own, and says where the others go") {
  const Caller device = Certified(Role::kDevice, {"a"});
  const Caller admin = Certified(Role::kAdmin, {"root"});
  CHECK(Reason(CheckCall(device, Method::kLiveFeed, kDevices)) == "");
  CHECK(Reason(CheckCall(device, Method::kListDevices, kDevices)) == "port");
  CHECK(Reason(CheckCall(admin, Method::kListDevices, kDevices)) == "port");
  CHECK(Reason(CheckCall(admin, Method::kSubscribe, kDevices)) == "port");
  CHECK(Reason(CheckCall(admin, Method::kListDevices, kOperators)) == "");
  CHECK(Reason(CheckCall(admin, Method::kSubscribe, kOperators)) == "");
  CHECK(Reason(CheckCall(device, Method::kSubscribe, kOperators)) == "port");
  CHECK(Reason(CheckCall(Unproven(), Method::kSubscribe, kOperators)) == "no_identity");

  const auto elsewhere = CheckCall(admin, Method::kBackup, kDevices);
  REQUIRE(elsewhere);
  CHECK(elsewhere->error.code == Code::kPermissionDenied);
  CHECK(elsewhere->error.message.find("host:2") != std::string::npos);
  // Also where nobody is asked who he is.
  const PortPolicy open_devices{.port = Port::kDevices, .other = "host:2"};
  CHECK(Reason(CheckCall(NotAsked(), Method::kListDevices, open_devices)) == "port");
  CHECK(Reason(CheckCall(NotAsked(), Method::kLiveFeed, open_devices)) == "");
}

TEST_CASE("a device acts only as itself, and a refusal names both") {
  const Caller gateway = Certified(Role::kDevice, {"a", "b"});
  CHECK(Reason(CheckDevice(gateway, "a")) == "");
  CHECK(Reason(CheckDevice(gateway, "b")) == "");
  CHECK(Reason(CheckDevice(gateway, "")) == "name");
  CHECK(Reason(CheckDevice(gateway, "A")) == "name");
  const auto other = CheckDevice(gateway, "c");
  REQUIRE(other);
  CHECK(other->error == Error{Code::kPermissionDenied,
                              "device 'a', 'b' (certificate 0a1b) may not act as device 'c'"});
  CHECK(Reason(CheckDevice(Certified(Role::kViewer, {"kim"}), "c")) == "");
  CHECK(Reason(CheckDevice(Certified(Role::kViewer, {"kim"}), "")) == "");
  CHECK(Reason(CheckDevice(Unproven(), "c")) == "");
  CHECK(Reason(CheckDevice(Unproven(), "")) == "no_identity");
  CHECK(Reason(CheckDevice(NotAsked(), "")) == "");
}

TEST_CASE("a token is a person, until it expires, and a wrong one is nobody") {
  const auto identified =
      Identified({.certificate = {}, .authorization = "Bearer secret"}, kTokens, Tokens(), kNow);
  REQUIRE(std::holds_alternative<Caller>(identified));
  const auto& kim = std::get<Caller>(identified);
  CHECK(kim.role == Role::kOperator);
  CHECK(kim.names == std::vector<std::string>{"kim"});
  CHECK(Describe(kim) == "operator 'kim' (token)");

  CHECK(ReasonOf({{}, "Bearer secret"}, kTokens, Tokens(kNow)) == "token_expired");
  CHECK(ReasonOf({{}, "Bearer secre"}, kTokens, Tokens()) == "token");
  CHECK(ReasonOf({{}, "Bearer "}, kTokens, Tokens()) == "token");
  CHECK(ReasonOf({{}, "secret"}, kTokens, Tokens()) == "token");
  CHECK(ReasonOf({{}, "Bearer secret"}, kCertificates, {}) == "token");
  CHECK(ReasonOf({{}, "Bearer secret"}, kNobodyAsked, {}) == "");
  // What is refused says nothing of what was shown.
  const auto wrong = Identified({{}, "Bearer hunter2"}, kTokens, Tokens(), kNow);
  CHECK(std::get<Denial>(wrong).error.message.find("hunter2") == std::string::npos);
}

TEST_CASE("a token that is taken away, or has another role, is no longer good") {
  const auto kim = std::get<Caller>(Identified({{}, "Bearer secret"}, kTokens, Tokens(), kNow));
  CHECK(Reason(CheckProof(kim, Tokens(), kNow)) == "");
  CHECK(Reason(CheckProof(kim, Tokens(), kNow + 1h)) == "token_expired");
  CHECK(Reason(CheckProof(kim, {}, kNow)) == "token");
  AccessLists demoted = Tokens();
  demoted.tokens.front().role = Role::kViewer;
  CHECK(Reason(CheckProof(kim, demoted, kNow)) == "token");
}

TEST_CASE("a certificate counts until it expires or is revoked") {
  const Caller device = Certified(Role::kDevice, {"a"});
  CHECK(Reason(CheckProof(device, {.revoked = {"0a1a", "0a1c"}, .tokens = {}}, kNow)) == "");
  CHECK(Reason(CheckProof(device, {.revoked = {"0a1a", "0a1b"}, .tokens = {}}, kNow)) == "revoked");
  CHECK(Reason(CheckProof(device, {}, kNow + 1h)) == "expired");
}

TEST_CASE("a certificate counts before a token, unless it names nobody; a revoked one never") {
  const TempDir directory;
  RunOpenssl(directory.path(),
             "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x"
             " -set_serial 0x0a1b -addext subjectAltName=URI:edgefeed://device/a"
             " -keyout a.key -out a.pem");
  RunOpenssl(directory.path(),
             "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x"
             " -set_serial 0x0a1c -addext subjectAltName=IP:127.0.0.1 -keyout b.key -out b.pem");
  const std::string device = *ReadSmallFile(directory.path() / "a.pem");
  const std::string nobody = *ReadSmallFile(directory.path() / "b.pem");
  PortPolicy policy = kOperators;
  policy.port = Port::kShared;
  const WallTime now = SystemClock().Wall();
  AccessLists lists = Tokens(now + 1h);

  const auto by_certificate = Identified({device, "Bearer secret"}, policy, lists, now);
  REQUIRE(std::holds_alternative<Caller>(by_certificate));
  CHECK(Describe(std::get<Caller>(by_certificate)) == "device 'a' (certificate 0a1b)");
  const auto by_token = Identified({nobody, "Bearer secret"}, policy, lists, now);
  REQUIRE(std::holds_alternative<Caller>(by_token));
  CHECK(std::get<Caller>(by_token).names.front() == "kim");
  CHECK(Reason(std::get<Denial>(Identified({nobody, ""}, policy, lists, now))) == "certificate");
  lists.revoked = {"0a1b", "0a1c"};
  CHECK(Reason(std::get<Denial>(Identified({device, "Bearer secret"}, policy, lists, now))) ==
        "revoked");
  CHECK(Reason(std::get<Denial>(Identified({nobody, "Bearer secret"}, policy, lists, now))) ==
        "revoked");
  CHECK(Reason(std::get<Denial>(Identified({"no PEM", ""}, policy, lists, now))) == "certificate");
}

}  // namespace
}  // namespace edgefeed
